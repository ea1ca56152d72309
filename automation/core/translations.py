"""Names of controls in other languages than English.

No translated label of the API accounts pages is on public record, so all of these are our own translations. They are
tried after the names on record, are compared as whole names like those, and never decide what a value is: that takes a
second witness. The languages are those of the control panel's users (Help Center, "Users"; app documents), and German.
"""

from __future__ import annotations

# English name -> names in Spanish, French, German, Italian, Portuguese, Ukrainian, Chinese.
_OURS: dict[str, tuple[str, ...]] = {
    "View storefront": (
        "Ver tienda", "Ver la tienda", "Ver tienda online", "Ver tiendas online",
        "Voir les vitrines", "Ver escaparate", "Ver tiendas", "Voir la boutique", "Voir la vitrine",
        "Afficher la vitrine", "Afficher la boutique", "Voir les boutiques", "Shop ansehen", "Shop anzeigen",
        "Storefront anzeigen", "Onlineshop anzeigen", "Vedi negozio", "Visualizza negozio", "Visualizza vetrina",
        "Ver loja", "Ver a loja", "Ver vitrine", "Переглянути магазин", "Переглянути вітрину", "查看店面", "查看商店",
        "浏览店面",
    ),
    "Settings": (
        "Configuración", "Ajustes", "Configuración avanzada", "Paramètres", "Réglages", "Paramètres avancés",
        "Einstellungen", "Erweiterte Einstellungen", "Impostazioni", "Configurações", "Definições", "Налаштування",
        "设置", "設定",
    ),
    "Store-level API accounts": (
        "Cuentas de API de la tienda", "Cuentas API de la tienda", "Cuentas de API a nivel de tienda",
        "Cuentas API a nivel de tienda", "Cuentas de API", "Cuentas API", "Comptes API de la boutique",
        "Comptes API au niveau de la boutique", "Comptes API au niveau du magasin", "Comptes API du magasin",
        "Comptes API", "Comptes d'API", "Comptes d'API de la boutique", "Comptes d'API au niveau de la boutique",
        "API-Konten auf Shop-Ebene", "API-Konten auf Store-Ebene", "API-Konten des Shops", "API-Konten",
        "Account API a livello di negozio", "Account API del negozio", "Account API", "Contas de API da loja",
        "Contas de API no nível da loja", "Contas de API", "Облікові записи API магазину",
        "Облікові записи API рівня магазину", "Облікові записи API", "商店级 API 账户", "店铺级 API 账户", "API 账户",
    ),
    "Account-level API accounts": (
        "Cuentas de API a nivel de cuenta", "Cuentas API a nivel de cuenta", "Comptes API au niveau du compte",
        "API-Konten auf Kontoebene", "API-Konten auf Account-Ebene", "Account API a livello di account",
        "Contas de API no nível da conta", "Облікові записи API рівня облікового запису", "账户级 API 账户",
    ),
    "Create API account": (
        "Crear cuenta de API", "Crear cuenta API", "Crear una cuenta de API", "Créer un compte API", "Créer compte API",
        "Créer un compte d'API",
        "API-Konto erstellen", "API-Konto anlegen", "Crea account API", "Crea un account API", "Criar conta de API",
        "Criar conta API", "Створити обліковий запис API", "创建 API 账户", "新建 API 账户",
    ),
    "Token type": (
        "Tipo de token", "Tipo de cuenta", "Type de jeton", "Type de token", "Type de compte", "Tokentyp", "Token-Typ",
        "Kontotyp", "Tipo di token", "Tipo di account", "Tipo de conta", "Тип токена", "Тип облікового запису",
        "令牌类型", "账户类型",
    ),
    "Name": (
        "Nombre", "Nom", "Nom du compte", "Nombre de la cuenta", "Kontoname", "Nome", "Nome account", "Nome da conta",
        "Назва", "Ім'я", "名称", "姓名",
    ),
    "Save": (
        "Guardar", "Enregistrer", "Sauvegarder", "Speichern", "Sichern", "Salva", "Salvar", "Gravar", "Зберегти",
        "保存", "储存",
    ),
    "Cancel": ("Cancelar", "Annuler", "Abbrechen", "Annulla", "Скасувати", "取消"),
    "Done": (
        "Listo", "Hecho", "Finalizado", "Terminé", "Terminer", "Fertig", "Fatto", "Fine", "Concluído", "Pronto",
        "Готово", "完成",
    ),
    "Client ID": (
        "ID de cliente", "ID del cliente", "Identificador de cliente", "ID client", "ID du client",
        "Identifiant client", "Identifiant du client", "Client-ID", "Kunden-ID", "ID do cliente", "ID cliente",
        "Ідентифікатор клієнта", "ID клієнта", "客户端 ID", "客户 ID",
    ),
    "Client secret": (
        "Secreto de cliente", "Secreto del cliente", "Clave secreta de cliente", "Secret client", "Secret du client",
        "Clé secrète du client", "Clé secrète client", "Client-Secret", "Clientgeheimnis", "Clientschlüssel",
        "Segreto client", "Segreto del client", "Segredo do cliente", "Chave secreta do cliente", "Секрет клієнта",
        "客户端密钥", "客户端密码",
    ),
    "Access token": (
        "Token de acceso", "Jeton d'accès", "Token d'accès", "Zugriffstoken", "Zugangstoken", "Access-Token",
        "Token di accesso", "Token de acesso", "Токен доступу", "访问令牌",
    ),
    "API path": (
        "Ruta de API", "Ruta de la API", "Chemin d'API", "Chemin de l'API", "Chemin API", "API-Pfad", "Percorso API",
        "Caminho da API", "Caminho de API", "Шлях API", "API 路径",
    ),
    "manage": (
        "administrar", "gestionar", "gérer", "verwalten", "gestire", "gestisci", "gerenciar", "gerir", "керувати",
        "керування", "管理",
    ),
    "read-only": (
        "solo lectura", "sólo lectura", "lecture seule", "lecture seulement", "schreibgeschützt", "nur lesen",
        "nur Lesezugriff", "sola lettura", "somente leitura", "apenas leitura", "só leitura", "лише читання",
        "тільки читання", "лише для читання", "тільки для читання", "只读", "唯讀",
    ),
    "modify": (
        "modificar", "modifier", "ändern", "bearbeiten", "modificare", "modifica", "змінювати", "змінити", "зміна",
        "редагувати", "修改", "编辑",
    ),
    "None": (
        "Ninguno", "Ninguna", "Aucun", "Aucune", "Keine", "Keiner", "Kein", "Nessuno", "Nessuna", "Nenhum", "Nenhuma",
        "Немає", "Жоден", "Жодного", "无", "無",
    ),
    "Storefront API tokens": (
        "Tokens de API de Storefront", "Tokens de la API de Storefront", "Tokens de Storefront API",
        "Tokens de la API Storefront", "Jetons d'API Storefront", "Jetons de l'API Storefront",
        "Jetons Storefront API", "Storefront-API-Tokens", "Storefront API-Tokens", "Token API Storefront",
        "Token dell'API Storefront", "Tokens da API Storefront", "Tokens da API do Storefront",
        "Токени Storefront API", "Storefront API 令牌",
    ),
    "Storefront API customer impersonation tokens": (
        "Tokens de suplantación de clientes de la API de Storefront",
        "Tokens de suplantación de identidad de clientes de la API de Storefront",
        "Jetons d'usurpation d'identité client de l'API Storefront",
        "Storefront-API-Tokens für Kundenimitation", "Storefront API-Tokens für Kundenidentitätswechsel",
        "Token di rappresentazione cliente dell'API Storefront",
        "Tokens de representação de clientes da API Storefront",
        "Токени імітації клієнта Storefront API", "Storefront API 客户模拟令牌",
    ),
    "Delete": ("Eliminar", "Borrar", "Supprimer", "Löschen", "Elimina", "Excluir", "Apagar", "Видалити", "删除"),
    "Yes": ("Sí", "Oui", "Ja", "Sì", "Sim", "Так", "是", "确认", "Confirmar", "Confirmer", "Bestätigen", "Conferma"),
    "Next page": (
        "Página siguiente", "Siguiente", "Page suivante", "Suivant", "Nächste Seite", "Weiter", "Pagina successiva",
        "Próxima página", "Наступна сторінка", "下一页",
    ),
    "Dismiss": (
        "Seguir conectado", "Permanecer conectado", "Continuar sesión", "Rester connecté", "Angemeldet bleiben",
        "Resta connesso", "Continuar conectado", "Залишитися в системі", "保持登录",
        "Rechazar todo", "Rechazar todas", "Tout refuser", "Alle ablehnen", "Rifiuta tutto", "Rejeitar tudo",
        "Відхилити все", "全部拒绝", "Ahora no", "Pas maintenant", "Plus tard", "Nicht jetzt", "Später", "Non ora",
        "Più tardi", "Agora não", "Mais tarde", "Más tarde", "Не зараз", "Пізніше", "以后再说", "Omitir", "Passer",
        "Ignorer", "Überspringen", "Salta", "Pular", "Ignorar", "Пропустити", "跳过", "Cerrar", "Fermer", "Schließen",
        "Schliessen", "Chiudi", "Fechar", "Закрити", "关闭",
    ),
}  # fmt: skip


def ours(*names: str) -> tuple[str, ...]:
    """Return our translations of English names."""
    return tuple(translated for name in names for translated in _OURS[name])


def every_translation() -> tuple[str, ...]:
    """Return every English name that is translated here, and all its translations."""
    return tuple(name for english, names in _OURS.items() for name in (english, *names))
