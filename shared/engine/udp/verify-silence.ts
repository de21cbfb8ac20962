import { addressIndexAt, probeAt } from '../../domain/chunk.ts';
import type { Probe } from '../../domain/probe.ts';
import { type Address, millis, type PortNumber } from '../../domain/units.ts';
import { verdictCode } from '../../domain/verdict.ts';
import { makeStop, makeWakeup, type Stop, sleep } from '../../seams/sleep.ts';
import { type ChunkRun, type ChunkTarget, CONTROL, type Response } from '../chunk-run.ts';
import { classify, type Judgement } from '../classify.ts';
import { learn, record } from '../handle-responses.ts';
import { timeUpAt } from '../host-timeout.ts';
import { FAULT_PAUSE } from '../local-faults.ts';
import { conclude, send } from '../send-probes.ts';
import { afterOneTurn } from '../wait-for-responses.ts';
import { makeReprobe, type Reprobe, type Round, type RoundAnswer } from './reprobe.ts';
import { recordUdpOutage, udpSigns } from './udp-outage.ts';

const UNSURE = verdictCode('open|filtered/rate-limited');
const SILENT = verdictCode('open|filtered/no-response');
const CLOSED = verdictCode('closed/port-unreach');

/** Verifying may use up half of the time that is left when it begins: whatever else is to be done needs time as well. */
const SHARE_OF_DEADLINE = 1 / 2;

/** Attempts are counted in a byte. */
const MOST_COUNTED = 255;

/** One answer may be lost, or two. */
const OPEN_ATTEMPTS = 4;

/** One target and its silent ports that are to be verified. */
interface Verification {
  readonly target: ChunkTarget;
  readonly address: Address;
  readonly offsets: readonly number[];
}

/**
 * After the sweep: which of the silent UDP ports are closed, and were only not answered for because their target holds
 * its answers back? It needs nothing but the verdicts so far, so a chunk that is delivered again goes on where it was.
 * A target that never said of any port that it is closed cannot be verified, and is not. When the run is aborted, or
 * its time is up before the template's patience is, what was left to verify stays in `unverified`.
 */
export async function verifySilence(run: ChunkRun): Promise<void> {
  const { codes } = run.work;
  if (!codes.includes(SILENT) && !codes.includes(UNSURE)) return;
  const verifications = unverifiedTargets(run);
  if (verifications.length === 0) return;
  run.unverified = verifications.reduce((sum, { offsets }) => sum + offsets.length, 0);
  const { clock, signal, deadline } = run.deps;
  const now = clock.now();
  const until = deadline === null ? null : millis(now + (deadline - now) * SHARE_OF_DEADLINE);
  const stop = makeStop({ clock, signal, deadline: until });
  await Promise.all(verifications.map((each) => verifyTarget(run, each, stop)));
  run.tally.verifying = millis(clock.now() - now);
  if (!stop.stopped) run.unverified = 0;
  stop.forget();
}

function unverifiedTargets(run: ChunkRun): Verification[] {
  return [...silentPorts(run)].flatMap(([index, ports]): Verification[] => {
    const [target, address] = [run.targets[index], run.work.chunk.addresses[index]];
    if (!target || !address) return [];
    const { icmpLimit } = target.state;
    icmpLimit.spentAtLeast(run.work.verified ?? millis(0));
    // The last to be probed are the least known ports: what they are sent is one datagram, and takes one answer.
    for (const port of ports.closed.reverse()) icmpLimit.closed(port);
    // Where some are known to be unsure, a verification has gone before, and the others are sure.
    const offsets = ports.unsure.length > 0 ? ports.unsure : ports.silent;
    const canVerify = !target.isTimeUp && offsets.length > 0 && icmpLimit.hasControlPort() && !icmpLimit.exhausted();
    return [{ target, address, offsets: canVerify ? offsets : [] }];
  });
}

interface SilentPorts {
  readonly silent: number[];
  readonly unsure: number[];
  readonly closed: PortNumber[];
}

/** By the index of the target, and for each in the order of probing: what is to be verified, and what may serve as control. */
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

async function verifyTarget(run: ChunkRun, verification: Verification, stop: Stop): Promise<void> {
  const { target } = verification;
  if (verification.offsets.length > 0 && (await verifyPorts(run, verification, stop))) return;
  const signs = udpSigns(run, target);
  if (signs.open.length === 0 || signs.silentSince.length === 0) return;
  if (!(await stillAnswers(run, target, signs.open, stop)) && !stop.stopped) recordUdpOutage(run, target, signs);
}

/**
 * Probes a port again that was open: where no closed one answers, nothing else tells whether the target is still there.
 * A refusal that is held back is no silence, so of a target without an open port it cannot be known.
 */
async function stillAnswers(run: ChunkRun, target: ChunkTarget, open: readonly number[], stop: Stop): Promise<boolean> {
  for (let attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
    const offset = open[attempt % Math.max(1, open.length)];
    const probe = offset === undefined ? undefined : probeAt(run.work.chunk, offset);
    if (!probe) return true;
    const sent = await probeInTurn(run, target, probe, CONTROL, stop);
    const response = await sent?.response;
    // A fault of this machine tells nothing.
    if (!response || judge(response).kind !== 'silent') return true;
  }
  return false;
}

/** Tells whether the target answered anything meanwhile. */
async function verifyPorts(run: ChunkRun, verification: Verification, stop: Stop): Promise<boolean> {
  const reprobe = makeReprobe(verification.offsets, verification.target.state.icmpLimit);
  const { icmpLimit, rtt } = verification.target.state;
  const left = (): number => Math.min(icmpLimit.patienceLeft(), reprobe.timeLeft(rtt.timeout(true)));
  run.verifications.add(left);
  const isHeard = await verifyInRounds(run, verification, reprobe, stop);
  run.verifications.delete(left);
  return isHeard;
}

async function verifyInRounds(
  run: ChunkRun,
  verification: Verification,
  reprobe: Reprobe,
  stop: Stop,
): Promise<boolean> {
  const { clock } = run.deps;
  const limit = verification.target.state.icmpLimit;
  let isHeard = false;
  const isEnough = (): boolean => limit.exhausted() || clock.now() >= timeUpAt(verification.target);
  for (let round = reprobe.next(); round && !isEnough(); round = reprobe.next()) {
    const begun = clock.now();
    const before = reprobe.unverified().length;
    const answer = await probeRound(run, verification, round, stop);
    if (stop.stopped) return true;
    // A round that says nothing is no sign of silence either.
    isHeard ||= answer === undefined || answer.control || answer.answered.size > 0;
    if (answer) mark(run, reprobe.heard(round, answer, clock.now()), SILENT);
    if (limit.isUncertain()) mark(run, reprobe.unverified(), UNSURE);
    run.unverified += reprobe.unverified().length - before;
    const gap = begun + (answer ? limit.gap() : FAULT_PAUSE) - clock.now();
    if (gap > 0) await sleep(clock, millis(gap), stop.whenStopped);
    limit.spend(millis(clock.now() - begun));
  }
  return isHeard;
}

function mark({ work }: ChunkRun, offsets: readonly number[], code: number): void {
  for (const offset of offsets) work.codes[offset] = code;
}

/** Probes all of the round; undefined when this machine failed to, or time was up, so that the round says nothing. */
async function probeRound(
  run: ChunkRun,
  verification: Verification,
  round: Round,
  stop: Stop,
): Promise<RoundAnswer | undefined> {
  const sent: (Sent | undefined)[] = [];
  for (const offset of round.offsets) {
    const probe = probeAt(run.work.chunk, offset);
    if (probe) sent.push(await probeInTurn(run, verification.target, probe, offset, stop));
  }
  const control = round.control ? await probeControl(run, verification, stop) : undefined;
  const responses = (await Promise.all(sent.map((each) => each?.response))).filter((each) => each !== undefined);
  if (stop.stopped) return undefined;
  const [answered, closed] = [new Set<number>(), new Set<number>()];
  let isVoid = isFault(control);
  for (const response of responses) {
    const judgement = judge(response);
    isVoid ||= isFault(judgement);
    if (judgement.kind !== 'settled') continue;
    learn(run, response.probe, judgement.verdict, response.at);
    record(run, response, judgement.verdict);
    answered.add(response.probe.offset);
    if (judgement.verdict === 'closed/port-unreach') closed.add(response.probe.offset);
  }
  if (isVoid) return undefined;
  return { answered, closed, control: control?.kind === 'settled' && control.verdict === 'closed/port-unreach' };
}

const isFault = (judgement: Judgement | undefined): boolean =>
  judgement?.kind === 'local-fault' || judgement?.kind === 'void';

/** Probes a port that is known to be closed, once the datagrams before it have left. */
async function probeControl(
  run: ChunkRun,
  { target, address }: Verification,
  stop: Stop,
): Promise<Judgement | undefined> {
  const port = target.state.icmpLimit.controlPort();
  if (port === undefined) return undefined;
  await afterOneTurn(run.deps.clock);
  const probe: Probe = { address, protocol: 'udp', port };
  const sent = await probeInTurn(run, target, probe, CONTROL, stop);
  const response = await sent?.response;
  return response && judge(response);
}

const judge = ({ probe, outcome }: Response): Judgement => classify(probe.protocol, outcome);

/** A probe that has left, and what will come of it; undefined when it is time to stop. */
interface Sent {
  readonly response: Promise<Response | undefined>;
}

/** Sends the probe when its turn has come. Its response is an answer, or silence at the end of its timeout. */
async function probeInTurn(
  run: ChunkRun,
  target: ChunkTarget,
  probe: Probe,
  offset: number,
  stop: Stop,
): Promise<Sent | undefined> {
  if (!(await takeTurn(run, target, stop))) return undefined;
  const { clock } = run.deps;
  const attempt = offset === CONTROL ? 1 : nextAttempt(run, offset);
  const timeout = target.state.rtt.timeout(true);
  const arrival = makeWakeup();
  let response: Response | undefined;
  const inFlight = send(run, target, { probe, offset, attempt, timeout, farTimeout: null }, (sent, outcome) => {
    response = { probe: sent, outcome, at: clock.now() };
    arrival.wake();
  });
  const waitForIt = async (): Promise<Response | undefined> => {
    await sleep(clock, timeout, arrival.whenWoken, stop.whenStopped);
    // An answer beats the timer here too.
    if (!response) await afterOneTurn(clock);
    conclude(run, inFlight);
    if (response || stop.stopped) return response;
    return { probe: inFlight, outcome: { kind: 'silent' }, at: clock.now() };
  };
  return { response: waitForIt() };
}

/** Waits until the target's rate and the socket budget allow one probe, and takes both; false when it is time to stop. */
async function takeTurn({ deps }: ChunkRun, target: ChunkTarget, stop: Stop): Promise<boolean> {
  const { clock, budget } = deps;
  while (!stop.stopped) {
    const delay = target.rate.wait(clock.now());
    if (delay > 0) await sleep(clock, delay, stop.whenStopped);
    else if (!budget.tryTake()) await sleep(clock, null, budget.whenFree, stop.whenStopped);
    else {
      target.rate.tryTake(clock.now());
      return true;
    }
  }
  return false;
}

function nextAttempt({ attempts, tally }: ChunkRun, offset: number): number {
  const attempt = Math.min((attempts[offset] ?? 0) + 1, MOST_COUNTED);
  attempts[offset] = attempt;
  tally.mostAttempts = Math.max(tally.mostAttempts, attempt);
  return attempt;
}
