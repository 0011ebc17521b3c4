-- The newest entries of one kind of subject (a register, say) among millions of others.
CREATE INDEX event_kind ON event (subject_kind, id);
