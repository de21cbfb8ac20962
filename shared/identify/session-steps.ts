import type { PortNumber } from '../domain/units.ts';
import { ASKED_ANYWHERE, MATCHERS } from './protocols/all.ts';
import { http } from './protocols/http.ts';
import type { Matcher, Question } from './protocols/kit/matcher.ts';

/** How long the server is let speak first: not at all, for a moment, as long as strangers get, or as long as it takes. */
export type Patience = 'none' | 'short' | 'stranger' | 'long';

/** One line to open: what to let pass before the question, and the question, if any. */
export interface Step {
  readonly transport: 'plain' | 'tls';
  /** Offered under TLS. */
  readonly alpn: readonly string[];
  readonly patience: Patience;
  readonly question: Question | null;
}

/**
 * What printers take for something to print: whatever is said to 9100 to 9107 comes out on paper. Nothing is said there,
 * not even a TLS hello; who speaks first is heard.
 */
const LISTENED_TO: readonly number[] = [9100, 9101, 9102, 9103, 9104, 9105, 9106, 9107];

const WEB: readonly string[] = ['h2', 'http/1.1'];

/** The lines to open to a port, in order, until one is understood. */
export function stepsFor(port: PortNumber): Step[] {
  if (LISTENED_TO.includes(port)) return [{ transport: 'plain', alpn: [], patience: 'long', question: null }];
  const usual = MATCHERS.filter(({ ports }) => ports.includes(port));
  const secure = tlsStepsFor(port);
  const isUsuallySecure = MATCHERS.some(({ tlsPorts }) => tlsPorts.includes(port));
  const own = distinct(usual.map(questionOf));
  const others = distinct([http.question, ...ASKED_ANYWHERE.map(questionOf)]).filter((each) => !own.includes(each));
  const [first = null, ...rest] = others;
  const plain = [...own, first].map((question, index) =>
    plainStep(question, index === 0 ? patienceFor(usual) : 'none'),
  );
  const late = rest.map((question) => plainStep(question, 'none'));
  return isUsuallySecure && usual.length === 0 ? [...secure, ...plain, ...late] : [...plain, ...secure, ...late];
}

/** The lines to open under TLS: what is usual there, then HTTP. */
export function tlsStepsFor(port: PortNumber): Step[] {
  const usual = MATCHERS.filter(({ ports, tlsPorts }) => tlsPorts.includes(port) || ports.includes(port));
  const own = distinct(usual.map(questionOf));
  // A server that knows its protocol may refuse a session over names it does not, so the web's are offered where it may be.
  const alpn = usual.length === 0 || own.includes(http.question) ? WEB : [];
  const questions = distinct([...own, http.question]);
  return questions.map((question, index) => ({
    transport: 'tls',
    alpn: question === http.question ? WEB : alpn,
    patience: index === 0 ? patienceFor(usual) : 'none',
    question,
  }));
}

const plainStep = (question: Question | null, patience: Patience): Step => ({
  transport: 'plain',
  alpn: [],
  patience,
  question,
});

const questionOf = ({ question }: Matcher): Question | null => question;

/** The same question once, even if several matchers would ask it. */
const distinct = (questions: readonly (Question | null)[]): (Question | null)[] => [...new Set(questions)];

function patienceFor(usual: readonly Matcher[]): Patience {
  if (usual.length === 0) return 'stranger';
  return usual.some(({ question }) => question === null) ? 'long' : 'short';
}
