import '@fontsource-variable/geist/index.css';
import '@fontsource-variable/geist-mono/index.css';
import './styles.css';
import {createRoot} from 'react-dom/client';
import {App} from './app/App';
import {applyTheme, readTheme} from './app/theme';

applyTheme(readTheme());
const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
