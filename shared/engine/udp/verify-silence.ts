import { addressIndexAt, probeAt } from '../../domain/chunk.ts';
import type { Probe } from '../../domain/probe.ts';
import { type Address, millis, type PortNumber } from '../../domain/units.ts';
import { verdictCode } from '../../domain/verdict.ts';
import { type ChunkRun, type ChunkTarget, PING, type Response } from '../chunk-run.ts';
import { classify, type Judgement } from '../classify.ts';
import { learn, record } from '../handle-responses.ts';
import { untilStopped, type Wait } from '../until-stopped.ts';
import { afterOneTurn } from '../wait.ts';
import { probeOnce, takeTurn } from './probe-once.ts';
import { makeReprobe, type Round, type RoundAnswer } from './reprobe.ts';

const UNSURE = verdictCode('open|filtered/rate-limited');
const SILENT = verdictCode('open|filtered/no-response');
const CLOSED = verdictCode('closed/port-unreach');

/** After a round that this machine failed to ask, it is given time to get its breath back; as after a fault in the sweep. */
const FAULT_PAUSE = 20;

/** A check may use up half of the time that is left when it begins. */
const SHARE_OF_DEADLINE = 1 / 2;

/** Attempts are counted in a byte. */
const MOST_COUNTED = 255;

/**
 * After the sweep: which of the silent UDP ports are closed, and were only not answered for because their target holds
 * its answers back? It needs nothing but the verdicts so far, so a chunk that is delivered again goes on where it was.
 * A target that never said of any port that it is closed cannot be checked, and is not. When it is aborted, what was left
 * to check stays in `doubts`.
 */
export async function verifySilence(run: ChunkRun): Promise<void> {
  const { codes } = run.work;
  if (!codes.includes(SILENT) && !codes.includes(UNSURE)) return;
  const checks = [...silentPorts(run)].flatMap(([index, ports]): Check[] => {
    const [target, address] = [run.targets[index], run.work.chunk.addresses[index]];
    if (!target || !address) return [];
    const rate = target.state.answers;
    // The last to be asked are the least known ports: what they are sent is one datagram, and takes one answer.
    for (const port of ports.closed.reverse()) rate.closed(port);
    // Where some are known to be unsure, a check has gone before, and the others are sure.
    const offsets = ports.unsure.length > 0 ? ports.unsure : ports.silent;
    return offsets.length > 0 && rate.canTestify() && !rate.exhausted() ? [{ target, address, offsets }] : [];
  });
  if (checks.length === 0) return;
  run.doubts = checks.reduce((sum, { offsets }) => sum + offsets.length, 0);
  const { clock, signal, deadline } = run.deps;
  const now = clock.now();
  // Whatever else is to be done with the chunk needs time as well.
  const until = deadline === null ? null : millis(now + (deadline - now) * SHARE_OF_DEADLINE);
  await untilStopped({ clock, signal, deadline: until }, (wait) =>
    Promise.all(checks.map((check) => checkTarget(run, check, wait))),
  );
  if (!signal.aborted) run.doubts = 0;
}

/** One target and its ports in doubt. */
interface Check {
  readonly target: ChunkTarget;
  readonly address: Address;
  readonly offsets: readonly number[];
}

interface SilentPorts {
  readonly silent: number[];
  readonly unsure: number[];
  readonly closed: PortNumber[];
}

/** By the index of the target, and for each in the order of asking: what the check is about. */
function silentPorts({ work: { chunk, codes, order } }: ChunkRun): Map<number, SilentPorts> {
  const found = new Map<number, SilentPorts>();
  for (let index = 0; index < chunk.size; index++) {
    const offset = order(index);
    const code = codes[offset];
    if (code !== UNSURE && code !== SILENT && code !== CLOSED) continue;
    const host = addressIndexAt(chunk, offset);
    const ports = found.get(host) ?? { silent: [], unsure: [], closed: [] };
    found.set(host, ports);
    const port = probeAt(chunk, offset)?.port;
    if (code === CLOSED && port !== undefined) ports.closed.push(port);
    else (code === UNSURE ? ports.unsure : ports.silent).push(offset);
  }
  return found;
}

async function checkTarget(run: ChunkRun, checked: Check, wait: Wait): Promise<void> {
  const { clock } = run.deps;
  const rate = checked.target.state.answers;
  const check = makeReprobe(checked.offsets, rate);
  for (let round = check.next(); round && !rate.exhausted(); round = check.next()) {
    const begun = clock.now();
    const before = check.doubts().length;
    const answer = await askRound(run, checked, round, wait);
    if (answer) mark(run, check.heard(round, answer, clock.now()), SILENT);
    if (rate.isDoubtful()) mark(run, check.doubts(), UNSURE);
    run.doubts += check.doubts().length - before;
    const gap = begun + (answer ? rate.gap() : FAULT_PAUSE) - clock.now();
    if (gap > 0) await wait(millis(gap));
    rate.spend(millis(clock.now() - begun));
  }
}

function mark({ work }: ChunkRun, offsets: readonly number[], code: number): void {
  for (const offset of offsets) work.codes[offset] = code;
}

/** Asks all of the round; undefined when this machine failed to, so that the round says nothing. */
async function askRound(run: ChunkRun, check: Check, round: Round, wait: Wait): Promise<RoundAnswer | undefined> {
  const asks: Promise<Response>[] = [];
  for (const offset of round.offsets) {
    const probe = probeAt(run.work.chunk, offset);
    await takeTurn(run, check.target, wait);
    if (probe) asks.push(probeOnce(run, check.target, { probe, offset, attempt: nextAttempt(run, offset) }, wait));
  }
  const testimony = round.witness ? await callWitness(run, check, wait) : undefined;
  const answers = (await Promise.all(asks)).map((evidence) => ({ evidence, judgement: judge(evidence) }));
  const [spoke, closed] = [new Set<number>(), new Set<number>()];
  for (const { evidence, judgement } of answers) {
    if (judgement.kind !== 'settled') continue;
    learn(run, evidence.asking, judgement.verdict, evidence.at);
    record(run, evidence.asking, judgement.verdict, evidence.at);
    spoke.add(evidence.asking.offset);
    if (judgement.verdict === 'closed/port-unreach') closed.add(evidence.asking.offset);
  }
  const failed = [...answers.map(({ judgement }) => judgement), ...(testimony ? [testimony] : [])].some(
    ({ kind }) => kind === 'local-fault' || kind === 'void',
  );
  if (failed) return undefined;
  return { spoke, closed, witness: testimony?.kind === 'settled' && testimony.verdict === 'closed/port-unreach' };
}

/** Asks a port that is known to be closed, once the datagrams before it have left. */
async function callWitness(run: ChunkRun, { target, address }: Check, wait: Wait): Promise<Judgement | undefined> {
  const port = target.state.answers.witness();
  if (port === undefined) return undefined;
  await afterOneTurn(run.deps.clock);
  await takeTurn(run, target, wait);
  const probe: Probe = { address, protocol: 'udp', port };
  return judge(await probeOnce(run, target, { probe, offset: PING, attempt: 1 }, wait));
}

const judge = ({ asking, outcome }: Response): Judgement => classify(asking.protocol, outcome);

function nextAttempt({ attempts, tally }: ChunkRun, offset: number): number {
  const attempt = Math.min((attempts[offset] ?? 0) + 1, MOST_COUNTED);
  attempts[offset] = attempt;
  tally.mostAttempts = Math.max(tally.mostAttempts, attempt);
  return attempt;
}
