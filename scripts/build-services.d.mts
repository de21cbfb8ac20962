/** The whole text of shared/domain/registry/service-table.ts, made anew. */
export declare function serviceTable(): string;
