/**
 * The filter over the hosts of a page. Without it everything is there to be read, and the field is not shown. It has no
 * sign that XML would need escaped, and the policy of the page lets this very text run and nothing else.
 */
export const HTML_SCRIPT = `
const box = document.querySelector('.filter');
const start = () => {
  const [input, output] = [box.querySelector('input'), box.querySelector('output')];
  const hosts = [...document.querySelectorAll('section[id]')].map((section) => ({
    section,
    text: section.textContent.toLowerCase(),
  }));
  const rows = [...document.querySelectorAll('[data-of]')].map((row) => ({ row, of: row.dataset.of.split(' ') }));
  box.hidden = false;
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const found = new Set();
    for (const { section, text } of hosts) {
      section.hidden = !words.every((word) => text.includes(word));
      if (!section.hidden) found.add(section.id);
    }
    for (const { row, of } of rows) row.hidden = !of.some((id) => found.has(id));
    output.textContent = words.length === 0 ? '' : found.size + ' of ' + hosts.length + ' hosts';
  });
};
if (box !== null) start();
`;

/** SHA-256 of the script, as a Content-Security-Policy names it; a test compares the two. */
export const HTML_SCRIPT_HASH = 'sha256-nG0bVQM33C61HBdmPgDitci1mujMdxEJv5J2zWaJxqo=';
