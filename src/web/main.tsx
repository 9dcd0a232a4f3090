import { render } from 'preact';
import '../ui/theme.css';
import { App } from './app.tsx';
import { startLive } from './live.ts';

const place = document.getElementById('app');
if (place === null) throw new Error('the page has no place for the app');
render(<App />, place);
void startLive();
