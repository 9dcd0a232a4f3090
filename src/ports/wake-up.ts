/**
 * Tells workers that a service may have work. A call may be lost, repeated or come late: who is woken asks the job store,
 * and asks it now and then without being woken.
 */
export interface WakeUp {
  wake(service: string): void;
  /** The returned function ends the subscription. */
  onWake(listener: (service: string) => void): () => void;
  close(): Promise<void>;
}
