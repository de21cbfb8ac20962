import { quoted } from '../domain/excerpt.ts';
import { ok, type Result } from '../domain/result.ts';
import { looksLikeIpv4, meantIpv4, type TargetText, unreadable, writeApart } from './target-text.ts';

/** RFC 1035 section 2.3.4: 255 bytes on the wire are 253 letters and dots. */
const LONGEST_NAME = 253;
const LONGEST_LABEL = 63;

/**
 * The host name in `target`, in lower case. Labels of letters, digits and hyphens (RFC 1123 section 2.1), and the
 * underscore, which names in use have. A name of other letters is converted. A last dot is kept: it keeps the resolver from trying search domains.
 * A name that a resolver would take for an address (127.1, 0x7f.1), or whose last label is a number, is refused.
 */
export function parseHostName(target: TargetText): Result<HostNameSpec> {
  const ascii = inAscii(target.text);
  const converted = ascii === undefined ? undefined : parseAsciiName({ ...target, text: ascii });
  return converted?.ok ? converted : parseAsciiName(target);
}

interface HostNameSpec {
  readonly kind: 'name';
  readonly name: string;
}

/**
 * A name of other letters as DNS has it (IDNA, UTS 46); what is none stays as it is, and is refused with words. Digits of
 * other scripts would come out as an address, also in spellings that are read in no other way ("0x7f．1"): the name that
 * comes of them is refused.
 */
function inAscii(text: string): string | undefined {
  if (!/[^\u0000-\u007f]/.test(text) || !/^[\p{L}\p{N}\p{M}._-]+$/u.test(text)) return undefined;
  try {
    return new URL(`http://${text}`).hostname;
  } catch {
    return undefined;
  }
}

function parseAsciiName(target: TargetText): Result<HostNameSpec> {
  const { text } = target;
  const name = text.replace(/\.$/, '');
  if (looksLikeIpv4(name)) {
    const meant = meantIpv4(name);
    return unreadable(target, `${quoted(text)} is no name, and as an address it is not written out.`, {
      hint: meant && `Write "${meant}", if that is meant.`,
    });
  }
  const wrong = wrongSign(target) ?? wrongLabel(target, name);
  if (wrong) return wrong;
  if (name.length > LONGEST_NAME) {
    return unreadable(target, `A name of ${name.length} letters is too long: DNS has room for ${LONGEST_NAME}.`);
  }
  return ok({ kind: 'name', name: text.toLowerCase() });
}

/** The first sign that no host name has. */
function wrongSign(target: TargetText): Result<never> | undefined {
  const { text } = target;
  const start = text.search(/[^a-z0-9._-]/i);
  if (start < 0) return text === '' ? unreadable(target, 'A target is empty.') : undefined;
  const sign = String.fromCodePoint(text.codePointAt(start) ?? 0);
  const part = [start, start + sign.length] as const;
  return unreadable(target, `${quoted(text)} has ${JSON.stringify(sign)} in it, which no host name has.`, {
    part,
    hint: hintForSign(text, sign),
  });
}

function hintForSign(text: string, sign: string): string | undefined {
  if (/[,;\s]/.test(sign)) {
    const words = text.split(/[,;\s]+/).filter(Boolean);
    return words.length > 1 ? writeApart(words) : `Write ${quoted(words[0] ?? '')}.`;
  }
  if (/[\u2010-\u2015\u2212]/.test(sign)) return `Did you mean ${quoted(text.replace(/[\u2010-\u2015\u2212]/g, '-'))}?`;
  if (sign > '\u007f') return 'Write the name as DNS has it, in ASCII ("xn--…").';
  return undefined;
}

function wrongLabel(target: TargetText, name: string): Result<never> | undefined {
  let start = 0;
  const labels = name.split('.');
  for (const [index, label] of labels.entries()) {
    const part = [start, Math.min(start + Math.max(1, label.length), target.text.length)] as const;
    const complaint = complaintOf(label, index === labels.length - 1);
    if (complaint) return unreadable(target, complaint, { part });
    start += label.length + 1;
  }
  return undefined;
}

function complaintOf(label: string, isLast: boolean): string | undefined {
  if (label === '') return 'A name has no two dots in a row, nor one in front.';
  if (label.length > LONGEST_LABEL)
    return `${quoted(label)} has ${label.length} letters: a part of a name has at most 63.`;
  if (/^-|-$/.test(label)) return `${quoted(label)} begins or ends with a hyphen, which no part of a name does.`;
  if (isLast && /^(?:\d+|0x[0-9a-f]*)$/i.test(label))
    return `A name does not end in a number such as ${quoted(label)}.`;
  return undefined;
}
