// Finds what a person would read or hear in a source file and that is no message: text between tags, names for assistive
// technology, and strings that look like words. Only tests load this.
import ts from 'typescript';

export interface Literal {line: number; text: string}

// Attributes and properties that a person sees or hears, and those that only the machine reads.
const shown = new Set(['aria-label', 'aria-description', 'aria-roledescription', 'aria-valuetext', 'title', 'placeholder', 'alt', 'label', 'hint', 'fault', 'action', 'text', 'what', 'why']);
const silent = new Set(['className', 'd', 'viewBox', 'style', 'href', 'to', 'id', 'type', 'role', 'key', 'htmlFor', 'autoComplete', 'src', 'rel', 'target', 'points', 'transform', 'pattern', 'accept', 'strokeDasharray', 'aria-controls', 'aria-labelledby', 'aria-describedby', 'aria-keyshortcuts', 'list', 'form', 'inputMode', 'path', 'icon', 'keys', 'permission', 'command', 'channel', 'method', 'tone', 'font', 'kind', 'testId', 'rowClass', 'verdict']);
const silentCalls = /^(addEventListener|removeEventListener|querySelector|querySelectorAll|getElementById|matchMedia|closest|createElement|setAttribute|getAttribute|hasAttribute|startsWith|endsWith|includes|split|join|replace|replaceAll|has|get|whyNot|may|useRoute|test|getContext|getItem|setItem|matches|NumberFormat|DateTimeFormat|PluralRules|RegExp|import|useList|request|subscribe|toLocaleString|localeCompare|canPlayType)$/;

const word = /\p{L}{2,}/u;
// Two words, or one that begins large: what code calls things has neither.
const looksLikeWords = (text: string) => /(^|[^\p{L}\d_./:-])\p{L}{2,}[,;:.]? +[\p{L}\d]/u.test(` ${text.trim()}`) || /^[ ]*\p{Lu}\p{Ll}+[ .,:]*$/u.test(text);

const nameOf = (node: ts.Node) => (ts.isIdentifier(node) || ts.isStringLiteral(node) ? node.text : '');
function calleeOf(call: ts.CallExpression | ts.NewExpression): string {
  if (ts.isPropertyAccessExpression(call.expression)) return call.expression.name.text;
  return call.expression.kind === ts.SyntaxKind.ImportKeyword ? 'import' : nameOf(call.expression);
}

const comparing = [ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken, ts.SyntaxKind.InKeyword];
type Seen = 'yes' | 'no' | 'perhaps';
const bySilence = (name: string): Seen => (silent.has(name) ? 'no' : 'perhaps');

// Whether a string is seen is told by the first thing around it that says so.
function seenIn(child: ts.Node, at: ts.Node): Seen | undefined {
  if (ts.isImportDeclaration(at) || ts.isExportDeclaration(at) || ts.isTypeNode(at)) return 'no';
  if (ts.isBinaryExpression(at) && comparing.includes(at.operatorToken.kind)) return 'no';
  if (ts.isCaseClause(at) && at.expression === child) return 'no';
  if (ts.isElementAccessExpression(at) && at.argumentExpression === child) return 'no';
  if (ts.isConditionalExpression(at) && at.condition === child) return 'no';
  if (ts.isCallExpression(at) || ts.isNewExpression(at)) return at.expression !== child && silentCalls.test(calleeOf(at)) ? 'no' : 'perhaps';
  if (ts.isJsxAttribute(at)) {
    const name = at.name.getText();
    return name.startsWith('data-') ? 'no' : shown.has(name) ? 'yes' : bySilence(name);
  }
  if (ts.isPropertyAssignment(at)) return at.name === child ? 'no' : bySilence(nameOf(at.name));
  if (ts.isVariableDeclaration(at)) return bySilence(nameOf(at.name));
  if (ts.isJsxExpression(at) && (ts.isJsxElement(at.parent) || ts.isJsxFragment(at.parent))) return 'yes';
  return ts.isStatement(at) ? 'perhaps' : undefined;
}
function seen(node: ts.Node): Seen {
  for (let child = node; child.parent; child = child.parent) {
    const answer = seenIn(child, child.parent);
    if (answer) return answer;
  }
  return 'perhaps';
}

const piecesOf = (node: ts.Node): string | null => {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  return ts.isTemplateExpression(node) ? [node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join(' … ') : null;
};

export function literals(path: string, source: string): Literal[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
  const found: Literal[] = [];
  const add = (node: ts.Node, text: string) => found.push({line: file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1, text: text.trim().replace(/\s+/g, ' ')});
  const visit = (node: ts.Node) => {
    const text = ts.isJsxText(node) ? node.text : piecesOf(node);
    if (text !== null && word.test(text)) {
      const how = ts.isJsxText(node) ? 'yes' : seen(node);
      if (how === 'yes' || (how === 'perhaps' && looksLikeWords(text))) add(node, text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
