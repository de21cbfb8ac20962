/** What a greeting says in brackets, mostly the distribution: "Dovecot (Debian) ready." */
export const remark = (words: string): string | undefined => /\(([^)]{1,80})\)/.exec(words)?.[1];
