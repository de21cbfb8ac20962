import type { ComponentChildren } from 'preact';

interface ScrolledProps {
  /** What is in it, for whoever does not see it. */
  readonly label: string;
  readonly children: ComponentChildren;
}

/** A table wider than its page: it scrolls by itself, by the keyboard too (WCAG 2.1.1). */
export const Scrolled = ({ label, children }: ScrolledProps) => (
  <div class="scroll" tabIndex={0} role="region" aria-label={label}>
    {children}
  </div>
);
