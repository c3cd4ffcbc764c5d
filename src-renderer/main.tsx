import './app/zodWithoutEval.ts';
import { createRoot } from 'react-dom/client';
import { App } from './app/App.tsx';
import { connectPage } from './app/connectPage.ts';
import { allowStyleText } from './app/trustedTypes.ts';

allowStyleText(window);
const root = document.querySelector('#root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(<App connection={connectPage()} />);
