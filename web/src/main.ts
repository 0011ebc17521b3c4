import 'element-plus/theme-chalk/dark/css-vars.css'
import './styles/base.css'
import './styles/element.css'
import { createApp } from 'vue'
import App from './App.vue'
import { i18n } from './i18n'
import { router } from './router'
import { loadCity } from './state/city'
import { startLive } from './state/live'
import { loadSession } from './state/session'

void loadCity()
void loadSession().then(startLive)

createApp(App).use(router).use(i18n).mount('#app')
