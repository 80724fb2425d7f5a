-- A prize quiz made from now on draws among mobile numbers only, wherever somebody answered; one made before keeps the rule it was announced with.
ALTER TABLE quizzes ADD COLUMN drawn_by TEXT NOT NULL DEFAULT 'phone_or_account';  -- phone_or_account | phone
ALTER TABLE quiz_entries ADD COLUMN phone_asked_at BIGINT;  -- the private chat listens for the mobile number of this entry since then
