/** The folders of lambdas/ that are a function. */
export declare const FUNCTIONS: readonly string[];
/** Bundles every function; gives the folder that they are in. */
export declare function buildLambdas(outdir?: string): Promise<string>;
