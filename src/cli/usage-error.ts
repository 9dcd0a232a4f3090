/** The command cannot be carried out as it was written; the message tells how to write it. */
export class UsageError extends Error {}
