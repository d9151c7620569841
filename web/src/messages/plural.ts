// One form of words for each number, by the rules of a language (CLDR, through Intl).
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & {other: string};

export function pluralOf(language: string) {
  const rules = new Intl.PluralRules(language);
  return (count: number, forms: Forms) => forms[rules.select(count)] ?? forms.other;
}
