/**
 * Returns those of the available codings of content that a client takes, the one it prefers first (RFC 9110, section 12.5.3).
 *
 * Codings that it likes less than the content as it is are left out.
 *
 * @param field its Accept-Encoding; without one it gets the content as it is
 * @param available in order of preference, for those that the client prefers equally
 */
export function acceptedCodings<Coding extends string>(
  field: string | undefined,
  available: readonly Coding[],
): readonly Coding[] {
  const weights = new Map<string, number>()
  for (const part of (field ?? '').split(',')) {
    const [name, ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    const weight = parameters.find((text) => text.startsWith('q='))?.slice(2) ?? '1'
    if (name) weights.set(name, Number(weight) || 0)
  }
  const weightOf = (coding: string) => weights.get(coding) ?? weights.get('*') ?? 0
  // Not named, the content as it is comes after all that is.
  const plain = weights.get('identity') ?? 0
  return available
    .filter((coding) => weightOf(coding) > 0 && weightOf(coding) >= plain)
    .toSorted((a, b) => weightOf(b) - weightOf(a))
}
