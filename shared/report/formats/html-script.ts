/**
 * The filter over the hosts of a page. Without it everything is there to be read, and the field is not shown. It has no
 * sign that XML would need escaped, and the policy of the page lets this very text run and nothing else.
 */
export const HTML_SCRIPT = `
const box = document.querySelector('.filter');
const start = () => {
  const [input, output] = [box.querySelector('input'), box.querySelector('output')];
  const hosts = [...document.querySelectorAll('section[id]')].map((section) => {
    const rows = [...document.querySelectorAll('[data-of="' + section.id + '"]')];
    return { parts: [section, ...rows], text: section.textContent.toLowerCase() };
  });
  box.hidden = false;
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    for (const { parts, text } of hosts) {
      const fits = words.every((word) => text.includes(word));
      for (const part of parts) part.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    output.textContent = words.length === 0 ? '' : shown + ' of ' + hosts.length + ' hosts';
  });
};
if (box !== null) start();
`;

/** SHA-256 of the script, as a Content-Security-Policy names it; a test compares the two. */
export const HTML_SCRIPT_HASH = 'sha256-ViaRm1NcHDHvzXoq7eIMCJqpc1Tp4+7RZMKfd3in/GQ=';
