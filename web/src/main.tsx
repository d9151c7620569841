import '@fontsource-variable/geist/index.css';
import '@fontsource-variable/geist-mono/index.css';
import './styles.css';
import './app/shell.css';
import {createRoot} from 'react-dom/client';
import {App} from './app/App';
import {keepShell} from './app/install';
import {applyTheme, readTheme} from './ui/theme';

applyTheme(readTheme());
const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
if (import.meta.env.PROD) addEventListener('load', () => setTimeout(() => void keepShell().catch(() => undefined), 2000)); // the page works without it
