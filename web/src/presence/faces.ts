// How a person looks: initials, and a colour with a pattern that stay the same everywhere; colour alone tells nobody apart.
export interface Face {initials: string; colour: string; pattern: 'solid' | 'dashed' | 'dotted' | 'double'}

export function faceOf(user: string): Face {
  let hash = 0;
  for (const letter of user) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  const words = user.split(/[\s._-]+/).filter(Boolean);
  const initials = (words.length > 1 ? words[0][0] + words[1][0] : user.slice(0, 2)) || '?';
  return {initials: initials.toUpperCase(), colour: `--series-${(hash % 8) + 1}`, pattern: (['solid', 'dashed', 'dotted', 'double'] as const)[Math.floor(hash / 8) % 4]};
}
