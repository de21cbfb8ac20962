import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiError } from './api.ts';

/** Between two looks at a list or a watch: their runs take seconds. */
const REFRESH_MS = 3_000;

/** What is read from the server again and again while it is looked at. */
export interface Loaded<Value> {
  /** Null until it was read once; what was read stays when a later look fails. */
  readonly value: Signal<Value | null>;
  /** Why the last look failed. */
  readonly trouble: Signal<ApiError | null>;
  /** Looks now, after the work if there is some: its failure is told like one of a look. */
  readonly reload: (work?: Promise<unknown>) => Promise<void>;
}

/** @param isDue whether what was read may have changed by now; what failed is tried again in any case */
export function useLoad<Value>(
  read: () => Promise<Value>,
  isDue: (value: Value) => boolean = () => true,
): Loaded<Value> {
  const value = useSignal<Value | null>(null);
  const trouble = useSignal<ApiError | null>(null);
  const reload = async (work?: Promise<unknown>): Promise<void> => {
    try {
      await work;
      value.value = await read();
      trouble.value = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      trouble.value = error;
    }
  };
  useEffect(() => {
    let isLooking = false;
    const look = async (): Promise<void> => {
      isLooking = true;
      await reload();
      isLooking = false;
    };
    void look();
    const timer = setInterval(() => {
      const { value: now } = value;
      const wanted = trouble.value !== null || now === null || isDue(now);
      if (wanted && !isLooking && document.visibilityState === 'visible') void look();
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  return { value, trouble, reload };
}
