import { textQuestion, wordsMatcher } from './kit/words.ts';

/** Header, flags 1, length of eight bytes, and the item that is asked for. */
const ITEM = 'agent.version';
const QUESTION = textQuestion('zabbix-agent', `ZBXD\x01${String.fromCharCode(ITEM.length)}\0\0\0\0\0\0\0${ITEM}`);

export const zabbixAgent = wordsMatcher({
  name: 'zabbix-agent',
  source: 'Zabbix manual, header and data length; passive agent checks',
  ports: [10_050],
  tlsPorts: [],
  question: QUESTION,
  words: [
    { after: 'zabbix-agent', pattern: /^ZBXD\x01[\s\S]{8}(?<version>\d[\w.]{1,20})/, is: { product: 'Zabbix agent' } },
    { after: 'any', pattern: /^ZBXD[\x01\x03\x05]/, is: { product: 'Zabbix' } },
  ],
});
