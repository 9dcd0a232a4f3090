/** Where the engine tells what happens: one JSON line a call (pino in the program). Fields first, then a short fixed message. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
