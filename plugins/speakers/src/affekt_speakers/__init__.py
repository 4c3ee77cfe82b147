"""Who speaks when: turns of several people in one recording, told apart by their voices.

Read in the order data flows: `segmentation` (who of up to three people is active in five seconds), `campplus` (a voice
as 192 numbers), `networks` (both, from their weights), `stretches` (what one person says without a pause), `clustering`
(which stretches are one person's), `turns` (the preparer), `enrolment` and `known_voices` (people known by name),
`voice_to_face` (whose face a voice belongs to) and `faces_of_voices` (that over a whole recording), `staging`,
`measure`, `composites` and `filmed` (how well it does).
"""
