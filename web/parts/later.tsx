import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { Notice } from './notices.tsx';

/** A view whose script is read when it is first shown: whoever looks at a scan does not wait for it. */
export function later<Props extends object>(read: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const view = signal<{ readonly Loaded: ComponentType<Props> } | 'failed' | null>(null);
  return (props) => {
    useEffect(() => {
      if (view.value !== null) return;
      read().then(
        (Loaded) => (view.value = { Loaded }),
        () => (view.value = 'failed'),
      );
    }, []);
    if (view.value === null) return <p class="loading">Reading the page …</p>;
    if (view.value === 'failed') return <Notice title="The rest of the page did not arrive">Load it again.</Notice>;
    const { Loaded } = view.value;
    return <Loaded {...props} />;
  };
}
