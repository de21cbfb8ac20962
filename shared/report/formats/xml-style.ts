/**
 * How a browser shows nmap's XML, whose facts are attributes. Light and dark as the reader's system is. Short, because it
 * stands in every document.
 */
export const XML_STYLE = [
  ':root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif;margin:2em}',
  'nmaprun::before{content:"Port scan: " attr(args) ", " attr(startstr)}',
  'host{display:table;margin:1.5em 0;border-spacing:1em .1em}',
  'address,hostname{font-weight:600}',
  'address::before{content:attr(addr) " "}',
  'hostname::before{content:attr(name) " "}',
  'ports{display:table-row-group}',
  'extraports{display:table-caption;caption-side:bottom;opacity:.7}',
  'extraports::before{content:attr(count) " " attr(state)}',
  'port{display:table-row}',
  'port::before{content:attr(portid) "/" attr(protocol);display:table-cell}',
  'state,service{display:table-cell}',
  'state::before{content:attr(state)}',
  'service::before{content:attr(name) " " attr(product) " " attr(version)}',
  'cpe{display:none}',
  'finished::before{content:attr(summary)}',
].join('');
