// The child's side of a Worker.

/** Answers each question of the parent with the function of that name; ends when the parent is gone. */
export function answerParent(answers) {
  process.on('message', async ({ question, details }) => {
    try {
      process.send({ value: await answers[question](details) })
    } catch (error) {
      process.send({ error: error.stack })
    }
  })
  process.on('disconnect', () => process.exit())
}
