/** Something that is asked for at any time and done by one round after the other. */
export interface OneAtATime {
  /** Begins a round; where one is under way, another one follows it, however often it was asked for meanwhile. */
  request(): void;
  /** Resolves when no round is under way. */
  settled(): Promise<void>;
}

/** A round that fails is told to `onError`; the next request begins another one. */
export function oneAtATime(round: () => Promise<unknown>, onError: (error: unknown) => void): OneAtATime {
  let current: Promise<void> | null = null;
  let again = false;

  async function rounds(): Promise<void> {
    while (again) {
      again = false;
      await round();
    }
  }

  function request(): void {
    again = true;
    current ??= rounds()
      .catch(onError)
      .finally(() => {
        current = null;
        if (again) request();
      });
  }

  return {
    request,
    async settled() {
      await current;
    },
  };
}
