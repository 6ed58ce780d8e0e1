/* A browser or key that refuses must not leave a button that does nothing. */
document.addEventListener('allauth.error', function (event) {
  event.preventDefault()
  const note = document.getElementById('key-refused')
  note.hidden = false
  note.scrollIntoView({ block: 'center' })
})
