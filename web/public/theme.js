// Runs before the first paint so that a dark desk never flashes white. A file, not inline, for the content security policy.
(function () {
  var root = document.documentElement
  try {
    var wanted = localStorage.getItem('sanggan.theme')
    var dark = wanted === 'dark' || (wanted !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
    if (dark) root.classList.add('dark')
    var language = localStorage.getItem('sanggan.lang')
    if (language === 'en') root.lang = 'en'
  } catch (e) {
    /* no storage: light and Chinese */
  }
})()
