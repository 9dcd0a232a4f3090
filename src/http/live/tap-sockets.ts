/** Which sockets say that they are which tap. */
export class TapSockets {
  readonly #taps = new Map<object, number>();
  readonly #counts = new Map<number, number>();

  /** How many there are of each tap. */
  get counts(): ReadonlyMap<number, number> {
    return this.#counts;
  }

  join(socket: object, tap: number): void {
    this.leave(socket);
    this.#taps.set(socket, tap);
    this.#counts.set(tap, (this.#counts.get(tap) ?? 0) + 1);
  }

  leave(socket: object): void {
    const tap = this.#taps.get(socket);
    if (tap === undefined) return;
    this.#taps.delete(socket);
    const left = (this.#counts.get(tap) ?? 0) - 1;
    if (left > 0) this.#counts.set(tap, left);
    else this.#counts.delete(tap);
  }
}
