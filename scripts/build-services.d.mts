/** The whole text of shared/domain/service-table.ts, made anew. */
export declare function serviceTable(): string;
