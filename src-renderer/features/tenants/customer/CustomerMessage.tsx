import { useState } from 'react';
import { customerText } from '../../../../src-shared/model/tunnels/advice.ts';
import type { Tunnel } from '../../../../src-shared/model/tunnels/chain.ts';
import {
  mailLink,
  withTicket,
  writeCustomerMessage,
  type CustomerSender,
} from '../../../../src-shared/model/tunnels/customerMessage.ts';
import type { RefusedForward } from '../../../../src-shared/model/tunnels/refusedForward.ts';
import { places } from '../../../state/places.ts';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { TextArea, TextField } from '../../../ui/form/Fields.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { copyText } from '../../../ui/text/copy.ts';
import { useConsoleInfo } from '../../system/queries.ts';
import { contactLine } from './TenantContact.tsx';
import { useCustomerSender, useTenantNote } from './queries.ts';
import buttonStyles from '../../../ui/layout/Button.module.css';
import formStyles from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

type MessageProps = {
  tunnel: Tunnel;
  /** What sshd refused to the present session, if the diagnosis was read. */
  refusedForward: RefusedForward | null;
  onClose: () => void;
};

/** The text for a customer about one of their tunnels, to edit and then to copy or to open in a mail program. */
export function CustomerMessage(props: MessageProps) {
  return (
    <Loaded query={useCustomerSender()} skeleton={<Skeleton lines={8} />}>
      {({ sender }) => <Message {...props} sender={sender} />}
    </Loaded>
  );
}

function Message({ tunnel, refusedForward, sender, onClose }: MessageProps & { sender: CustomerSender }) {
  const note = useTenantNote(tunnel).data?.note ?? null;
  const [ticket, setTicket] = useState('');
  // Written once, so that an answer of the appliance does not undo what the operator typed.
  const [message, setMessage] = useState(() =>
    writeCustomerMessage({
      text: customerText(tunnel, refusedForward),
      sender,
      at: new Date().toISOString(),
    }),
  );
  const contact = note === null ? '' : contactLine(note);
  const subject = `${ticket === '' ? '' : `${ticket}: `}Connection of ${tunnel.clientId}, code ${tunnel.code}`;
  return (
    <div className={`${formStyles.form} ${layout.stack}`}>
      <p className={textStyles.sub}>
        {contact === '' ? 'No contact yet. Add one on the tenant’s card.' : <>Contact: {contact}</>}
      </p>
      <TextField
        label="Ticket"
        value={ticket}
        onChange={(next) => {
          setTicket(next);
          setMessage(withTicket(message, next.trim()));
        }}
        placeholder="optional, becomes the first line"
        hasInitialFocus
      />
      <TextArea label="Text" value={message} onChange={setMessage} rows={14} />
      {sender.name === '' ? (
        <p className={textStyles.sub}>
          No sender is set.{' '}
          <PlaceLink to={places.settings()}>Set the sender and the signature in Settings</PlaceLink>
        </p>
      ) : null}
      <div className={formStyles.formActions}>
        <span className={`${textStyles.sub} ${layout.grow}`}>
          The console doesn’t send this message. Copy it to your e-mail program.
        </span>
        <Button onClick={onClose}>Close</Button>
        <MailLink to={note?.email ?? ''} subject={subject} body={message} />
        <Button kind="primary" onClick={() => copyText(message, 'Copied for the customer')}>
          Copy
        </Button>
      </div>
    </div>
  );
}

/** Opens the text in the operator's mail program. The desktop program opens no links. */
function MailLink(mail: Parameters<typeof mailLink>[0]) {
  const host = useConsoleInfo().data?.host;
  if (host !== 'web') return null;
  const link = mailLink(mail);
  return link === null ? (
    <span className={textStyles.sub}>Too long for an e-mail link: copy it.</span>
  ) : (
    <a href={link} className={buttonStyles.btn}>
      Write an e-mail
    </a>
  );
}
