/** How bright a pixel of three channels is, as Rec. 601 weighs them. `place`: of its first channel. */
export function luminance(data: Uint8Array, place: number): number {
  return 0.299 * (data[place] ?? 0) + 0.587 * (data[place + 1] ?? 0) + 0.114 * (data[place + 2] ?? 0);
}
