/**
 * As much of a terminal as tells whether text stays text: a parser after the state machine of DEC's VT500 that xterm
 * follows, which notes everything that would do more than print a character or begin a new line.
 *
 *   ground ──ESC──▶ escape ──[──▶ csi ──0x40-0x7e──▶ ground
 *     │ ▲              └──] P X ^ _──▶ string ──BEL, ST──▶ ground
 *     │ └──────────── any other byte ──┘
 *     └──0x80-0x9f (C1): the same as ESC and a letter
 */
export function terminalEffects(text: string): string[] {
  const effects: string[] = [];
  let state: 'ground' | 'escape' | 'csi' | 'string' = 'ground';
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    switch (state) {
      case 'ground': {
        const effect = effectOf(code, text.charCodeAt(at + 1));
        if (effect !== undefined) effects.push(effect);
        if (code === 0x1b) state = 'escape';
        else if (code === 0x9b) state = 'csi';
        else if (STRING_BEGINS.has(code)) state = 'string';
        break;
      }
      case 'escape':
        state = code === 0x5b ? 'csi' : STRING_BEGINS.has(code + 0x40) ? 'string' : 'ground';
        break;
      case 'csi':
        if (code >= 0x40 && code <= 0x7e) state = 'ground';
        break;
      case 'string':
        if (code === 0x07 || code === 0x9c) state = 'ground';
        break;
    }
  }
  return effects;
}

/** DCS, SOS, OSC, PM and APC, as C1 controls. */
const STRING_BEGINS: ReadonlySet<number> = new Set([0x90, 0x98, 0x9d, 0x9e, 0x9f]);

/** Marks that turn or hide the text around them: bidirectional controls, line separators, the byte order mark. */
const MARKS = /[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;

function effectOf(code: number, next: number): string | undefined {
  const name = `U+${code.toString(16).padStart(4, '0')}`;
  if (code === 0x0a || code === 0x09) return undefined;
  if (code === 0x0d) return next === 0x0a ? undefined : `${name} overwrites its line`;
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return `${name} is a control character`;
  return MARKS.test(String.fromCharCode(code)) ? `${name} turns or breaks the line` : undefined;
}
