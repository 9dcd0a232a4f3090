/** A broker of messages through which devices talk to us, and hear of what has happened. */
export interface DeviceBroker {
  /** Resolves when the broker has taken the message; while it cannot be reached, the message waits. Rejects once closed. */
  publish(topic: string, text: string): Promise<void>;
  isConnected(): boolean;
  /** What is not acknowledged yet comes again after the next start. */
  close(): Promise<void>;
}

export interface DeviceMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** It was kept by the broker for whoever comes, and so may have been heard before. */
  readonly retained: boolean;
}

/** Acknowledges the message by resolving. One at a time: the next message waits for it. A message that it rejects comes again. */
export type TakeMessage = (message: DeviceMessage) => Promise<void>;
