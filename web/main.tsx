/**
 * The page of `portfleet serve`: what enters is the HTTP API (data/api.ts), what leaves is HTML. Start reading here,
 * then data/live-scan.ts, which follows a scan; the views below scan/, map/, findings/ and changes/ only draw it.
 * It is bundled when Portfleet is built (scripts/build-web.mjs) and asks nothing of any other server.
 */
import './style.css';
import { render } from 'preact';
import { App } from './app.tsx';

const root = document.getElementById('page');
if (root) render(<App />, root);
