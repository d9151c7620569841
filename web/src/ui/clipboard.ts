// To the clipboard, and said so; a browser may refuse it.
import {t} from '../messages/en/ui';
import {toast} from './toast';

export async function copy(text: string, what: string) {
  try {
    await navigator.clipboard.writeText(text);
    toast('ok', t.copied(what));
  } catch (error) {
    toast('down', t.nothingCopied((error as Error).message));
  }
}
