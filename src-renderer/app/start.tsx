import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { connectPage } from './connectPage.ts';
import { allowStyleText } from './trustedTypes.ts';

allowStyleText(window);
const root = document.querySelector('#root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(<App connection={connectPage()} />);
