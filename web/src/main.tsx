import '@fontsource-variable/geist/index.css';
import '@fontsource-variable/geist-mono/index.css';
import './styles.css';
import './app/shell.css';
import {createRoot} from 'react-dom/client';
import {App} from './app/App';
import {keepShell} from './app/install';
import {showLanguage} from './messages/language';
import {t} from './messages/en/ui';
import {applyTheme, readTheme} from './ui/theme';
import {toast} from './ui/toast';

applyTheme(readTheme());
const root = document.getElementById('root');
const draw = () => { if (root) createRoot(root).render(<App />); };
showLanguage().catch(() => toast('down', t.languageAway)).then(draw, draw); // English is always there
if (import.meta.env.PROD) addEventListener('load', () => setTimeout(() => void keepShell().catch(() => undefined), 2000)); // the page works without it
