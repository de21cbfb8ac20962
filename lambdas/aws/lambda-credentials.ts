interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * The credentials of a function, which Lambda puts into its environment and which outlive it. The build puts this in
 * the place of the SDK's own chain of providers (files, single sign-on, containers, instances), which a function never
 * gets to use and which is a third of its bundle.
 */
export const defaultProvider = (): (() => Promise<Credentials>) => async () => ({
  accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? '',
  secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? '',
  ...(process.env['AWS_SESSION_TOKEN'] && { sessionToken: process.env['AWS_SESSION_TOKEN'] }),
});
