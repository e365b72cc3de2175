/**
 * Has screen readers read a text when they have finished what they read.
 *
 * @param {string} text
 */
export function announce(text) {
  const announcer = document.getElementById('announcer')
  // The same text again would be no change.
  if (announcer !== null) announcer.textContent = announcer.textContent === text ? `${text}\u00a0` : text
}
