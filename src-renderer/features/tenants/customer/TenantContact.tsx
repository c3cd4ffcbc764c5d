import { useState, type ReactNode } from 'react';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import type { KeptTenantNote, TenantNote } from '../../../../src-shared/model/tenants/tenantNote.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Facts } from '../../../ui/layout/Card.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { lazyComponent } from '../../../ui/layout/lazyComponent.tsx';
import { useMay } from '../../system/queries.ts';
import { useTenantNote } from './queries.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from './customer.module.css';
import textStyles from '../../../ui/text/text.module.css';

const TenantNoteForm = lazyComponent(async () => (await import('./TenantNoteForm.tsx')).TenantNoteForm);

type TenantRef = { applianceId: string; clientId: string };

/** Name, e-mail and phone; empty if the note has none of them. */
export function contactLine({ contactName, email, phone }: TenantNote): string {
  return visibleText([contactName, email, phone].filter((part) => part !== '').join(' · '));
}

function LongText({ text }: { text: string }) {
  return <div className={styles.longText}>{visibleText(text)}</div>;
}

function noteFacts(note: KeptTenantNote | null): [string, ReactNode][] {
  if (note === null)
    return [
      [
        'Contact',
        <span key="c" className={textStyles.faint}>
          No contact or note yet.
        </span>,
      ],
    ];
  const line = contactLine(note);
  const { contactText } = note;
  return [
    ...(line === '' && contactText === ''
      ? []
      : [
          [
            'Contact',
            <span key="c">
              {line}
              {contactText === '' ? null : <LongText text={contactText} />}
            </span>,
          ] satisfies [string, ReactNode],
        ]),
    ...(note.note === ''
      ? []
      : [['Note', <LongText key="n" text={note.note} />] satisfies [string, ReactNode]]),
  ];
}

/** Whom to call about a tenant, and notes; the console keeps them, so a read-only appliance does not matter. */
export function TenantContact({ tenant }: { tenant: TenantRef }) {
  const query = useTenantNote(tenant);
  const [isEditing, setIsEditing] = useState(false);
  const mayEdit = useMay('operator');
  const close = () => setIsEditing(false);
  return (
    <Loaded query={query} skeleton={<Skeleton lines={1} />}>
      {({ note }) => (
        <section aria-label="Contact and note" className={styles.contact}>
          <Facts facts={noteFacts(note)} />
          <div className={layout.row}>
            {mayEdit ? (
              <Button small onClick={() => setIsEditing(true)}>
                {note === null ? 'Add contact or note…' : 'Edit contact and note…'}
              </Button>
            ) : null}
            {note === null ? null : (
              <span className={textStyles.faint}>
                changed <Ago at={note.changedAt} isSentence /> by {visibleText(note.changedBy)}
              </span>
            )}
          </div>
          <Dialog opened={isEditing} onClose={close} title={`Contact and note of ${tenant.clientId}`}>
            {isEditing ? (
              <TenantNoteForm.Component
                props={{ tenant, note, onClose: close }}
                fallback={<Skeleton lines={6} />}
              />
            ) : null}
          </Dialog>
        </section>
      )}
    </Loaded>
  );
}
