// To the clipboard, and said so; a browser may refuse it.
import {toast} from './toast';

export async function copy(text: string, what: string) {
  try {
    await navigator.clipboard.writeText(text);
    toast('ok', `${what} copied.`);
  } catch (error) {
    toast('down', `Nothing was copied: ${(error as Error).message}`);
  }
}
