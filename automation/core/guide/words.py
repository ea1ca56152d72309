"""What the illustrated guide says, in the languages of the simulated store's control panel; pure.

English comes from the step definitions; the other languages are our own translations of them. `{control}` is the name
that the pictured control has on its page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from automation.core.flows.retrieval import STEPS, StepId


@dataclass(frozen=True)
class Told:
    """What is told of a step.

    Attributes:
        say: what to do.
        why: what it is good for.
        where: where to look, for who cannot find it; may be empty.
    """

    say: str
    why: str
    where: str = ""


@dataclass(frozen=True)
class Language:
    """One language of the guide.

    Attributes:
        own_name: what it calls itself.
        masked, masked_own: what is covered in pictures of a simulated store, and of one's own up to Save.
        press, press_marked, type_in, choose: of what stands in a picture, with `{control}` and, of the last two,
            `{text}`.
        steps: of every step.
    """

    code: str
    own_name: str
    title: str
    intro: str
    masked: str
    masked_own: str
    why: str
    different: str
    other_names: str
    press: str
    press_marked: str
    type_in: str
    choose: str
    enter: str
    picture: str
    steps: Mapping[StepId, Told]


# What the overlay need not say, since these steps are the helper's; a reader of the guide does them by hand.
_BY_HAND = {
    StepId.READ_SUBDOMAIN: Told(
        "Note the subdomain in the storefront's address: what stands before “.mybigcommerce.com”.",
        "The connection form asks for it.",
        "An address of your own, without “mybigcommerce.com”, is not it: the companion finds the subdomain by itself.",
    ),
    StepId.READ_STORE_HASH: Told(
        "Note the store hash in the control panel's address: what stands between “store-” and “.mybigcommerce.com”.",
        "Every call of the API names the store by it.",
        "Where the address names no store, the API path in the credentials window does, before the version.",
    ),
    StepId.READ_CREDENTIALS: Told(
        "Copy client ID, client secret and access token from the window, then close it.",
        "They are shown this once. They open your store's data: hand them to nobody but the program they are for.",
        "A text file with the same values is downloaded as well; delete it once they are stored.",
    ),
    StepId.HAND_OVER: Told(
        "Give the values to the companion: `companion connect` does all of this; by hand it is `companion add`.",
        "It encrypts the access token before it is written anywhere, and never shows it again.",
    ),
    StepId.VERIFY: Told(
        "Prove the connection by using it: `companion verify`, or “Verify now” on its page.",
        "It shows a wrong token, a missing scope or a wrong channel before a program meets it.",
    ),
}

ENGLISH = Language(
    code="en",
    own_name="English",
    title="Connect a BigCommerce store",
    intro="How an API account is made in the control panel, step by step, and what is read where.",
    masked="Every secret and every personal value is covered in the pictures, which are of a simulated store.",
    masked_own="Up to “Save” the pictures are of a real control panel, in which all is covered but what stands in "
    "every one; the others are of a simulated store.",
    why="Why",
    different="If it looks different",
    other_names="Other names it has had:",
    press="Press “{control}”.",
    press_marked="Press what is marked.",
    type_in="Type into “{control}”: {text}",
    choose="In “{control}”, choose “{text}”.",
    enter="Fill in what is marked.",
    picture="Step {number}",
    steps={step.id: _BY_HAND.get(step.id, Told(step.say, step.why, step.where)) for step in STEPS},
)

SPANISH = Language(
    code="es",
    own_name="Español",
    title="Conectar una tienda de BigCommerce",
    intro="Cómo se crea una cuenta de API en el panel de control, paso a paso, y qué se lee en cada lugar.",
    masked="En las imágenes, tomadas de una tienda simulada, está cubierto todo secreto y todo dato personal.",
    masked_own="Hasta «Guardar», las imágenes son de un panel real, cubierto salvo lo que hay en todos; las demás son "
    "de una tienda simulada.",
    why="Para qué",
    different="Si se ve distinto",
    other_names="Otros nombres que ha tenido:",
    press="Pulse «{control}».",
    press_marked="Pulse lo que está marcado.",
    type_in="Escriba en «{control}»: {text}",
    choose="En «{control}», elija «{text}».",
    enter="Rellene lo que está marcado.",
    picture="Paso {number}",
    steps={
        StepId.SIGN_IN: Told(
            "Inicie sesión en BigCommerce.",
            "Solo usted puede hacerlo. Lo que escribe en la casilla de la contraseña no se lee.",
            "La página está en https://login.bigcommerce.com/login. Si tiene varias tiendas, elija la suya.",
        ),
        StepId.OPEN_STOREFRONT: Told(
            "Abra la tienda desde el panel de control; se abre en otra pestaña.",
            "La dirección de la tienda muestra su subdominio.",
            "Está arriba a la derecha; en paneles antiguos, arriba a la izquierda, bajo el nombre de la tienda.",
        ),
        StepId.READ_SUBDOMAIN: Told(
            "Anote el subdominio de la dirección de la tienda: lo que está delante de «.mybigcommerce.com».",
            "El formulario de la conexión lo pide.",
        ),
        StepId.READ_STORE_HASH: Told(
            "Anote el hash de la tienda en la dirección del panel: lo que está entre «store-» y «.mybigcommerce.com».",
            "Cada llamada a la API nombra la tienda con él.",
        ),
        StepId.OPEN_API_ACCOUNTS: Told(
            "Abra la configuración y, en la sección API, las cuentas de API de la tienda.",
            "Los programas se identifican con cuentas de API; aquí solo sirven las de la tienda.",
            "La configuración es la última entrada del menú; la sección API es la última de esa página.",
        ),
        StepId.CREATE_API_ACCOUNT: Told(
            "Cree una cuenta de API nueva.",
            "Una cuenta nueva se distingue de las demás y se puede borrar sin daño.",
            "El botón está sobre la lista. Si falta, este usuario no puede crear cuentas: pregunte al propietario.",
        ),
        StepId.CHOOSE_TOKEN_TYPE: Told(
            "Como tipo de token, elija «V2/V3 API token».", "El otro tipo, para Stencil-CLI, solo sirve para temas."
        ),
        StepId.ENTER_NAME: Told(
            "Escriba el nombre de la cuenta de API.",
            "El final aleatorio asegura que nunca se borre otra cuenta. Lo que va delante lo decide usted.",
        ),
        StepId.SET_SCOPES: Told(
            "Ponga los dos permisos de Storefront API en «manage».",
            "Con ellos se crean los tokens de la tienda. Los demás permisos pueden quedar como están.",
            "Los dos están en la mitad inferior de la lista.",
        ),
        StepId.SAVE: Told(
            "Guarde la cuenta.",
            "Así se crea; sus credenciales se muestran una sola vez.",
            "El botón está abajo a la derecha, y funciona cuando el formulario tiene un nombre.",
        ),
        StepId.READ_CREDENTIALS: Told(
            "Copie de la ventana el ID de cliente, el secreto de cliente y el token de acceso, y ciérrela.",
            "Se muestran esta única vez. Abren los datos de su tienda: no los dé a nadie más que al programa.",
            "También se descarga un archivo con los mismos valores; bórrelo cuando estén guardados.",
        ),
        StepId.HAND_OVER: Told(
            "Entregue los valores al programa: `companion connect` lo hace todo solo; a mano es `companion add`.",
            "Cifra el token de acceso antes de escribirlo, y no vuelve a mostrarlo.",
        ),
        StepId.VERIFY: Told(
            "Compruebe la conexión usándola: `companion verify`.",
            "Así se ve un token equivocado o un permiso que falta antes de que un programa lo encuentre.",
        ),
    },
)

FRENCH = Language(
    code="fr",
    own_name="Français",
    title="Connecter une boutique BigCommerce",
    intro="Comment créer un compte API dans le panneau de contrôle, étape par étape, et ce qui se lit où.",
    masked="Sur les images, prises dans une boutique simulée, tout secret et toute donnée personnelle sont couverts.",
    masked_own="Jusqu'à « Enregistrer », les images viennent d'un vrai panneau, couvert sauf ce que disent tous "
    "les panneaux ; les autres viennent d'une boutique simulée.",
    why="Pourquoi",
    different="Si cela se présente autrement",
    other_names="Autres noms qu'il a portés :",
    press="Appuyez sur « {control} ».",
    press_marked="Appuyez sur ce qui est marqué.",
    type_in="Saisissez dans « {control} » : {text}",
    choose="Dans « {control} », choisissez « {text} ».",
    enter="Remplissez ce qui est marqué.",
    picture="Étape {number}",
    steps={
        StepId.SIGN_IN: Told(
            "Connectez-vous à BigCommerce.",
            "Vous seul pouvez le faire. Ce que vous saisissez comme mot de passe n'est pas lu.",
            "La page est https://login.bigcommerce.com/login. Si vous avez plusieurs boutiques, choisissez la vôtre.",
        ),
        StepId.OPEN_STOREFRONT: Told(
            "Ouvrez la boutique depuis le panneau de contrôle ; elle s'ouvre dans un autre onglet.",
            "L'adresse de la boutique montre son sous-domaine.",
            "Le lien est en haut à droite ; dans les anciens panneaux, en haut à gauche, sous le nom de la boutique.",
        ),
        StepId.READ_SUBDOMAIN: Told(
            "Notez le sous-domaine dans l'adresse de la boutique : ce qui précède « .mybigcommerce.com ».",
            "Le formulaire de connexion le demande.",
        ),
        StepId.READ_STORE_HASH: Told(
            "Notez le hash de la boutique dans l'adresse du panneau : entre « store- » et « .mybigcommerce.com ».",
            "Chaque appel de l'API désigne la boutique par lui.",
        ),
        StepId.OPEN_API_ACCOUNTS: Told(
            "Ouvrez les paramètres puis, dans la section API, les comptes API de la boutique.",
            "Les programmes s'identifient avec des comptes API ; seuls ceux de la boutique conviennent ici.",
            "Les paramètres sont la dernière entrée du menu ; la section API est la dernière de cette page.",
        ),
        StepId.CREATE_API_ACCOUNT: Told(
            "Créez un nouveau compte API.",
            "Un nouveau compte se distingue de tous les autres et se supprime sans dommage.",
            "Le bouton est au-dessus de la liste. S'il manque, cet utilisateur ne peut pas créer de comptes : "
            "adressez-vous au propriétaire.",
        ),
        StepId.CHOOSE_TOKEN_TYPE: Told(
            "Comme type de jeton, choisissez « V2/V3 API token ».",
            "L'autre type, pour Stencil-CLI, ne sert qu'aux thèmes.",
        ),
        StepId.ENTER_NAME: Told(
            "Saisissez le nom du compte API.",
            "Sa fin aléatoire garantit qu'aucun autre compte ne sera supprimé. Le début est à votre choix.",
        ),
        StepId.SET_SCOPES: Told(
            "Réglez les deux autorisations Storefront API sur « manage ».",
            "Elles permettent de créer les jetons de la boutique. Toute autre autorisation peut rester telle quelle.",
            "Les deux sont dans la moitié inférieure de la liste.",
        ),
        StepId.SAVE: Told(
            "Enregistrez le compte.",
            "Il est alors créé ; ses identifiants ne sont montrés qu'une fois.",
            "Le bouton est en bas à droite et fonctionne dès que le formulaire a un nom.",
        ),
        StepId.READ_CREDENTIALS: Told(
            "Copiez de la fenêtre l'ID client, le secret client et le jeton d'accès, puis fermez-la.",
            "Ils ne sont montrés que cette fois. Ils ouvrent les données de la boutique : ne les donnez à nul autre.",
            "Un fichier avec les mêmes valeurs est aussi téléchargé ; supprimez-le une fois qu'elles sont stockées.",
        ),
        StepId.HAND_OVER: Told(
            "Donnez les valeurs au programme : `companion connect` fait tout cela ; à la main, `companion add`.",
            "Il chiffre le jeton d'accès avant de l'écrire, et ne le montre plus jamais.",
        ),
        StepId.VERIFY: Told(
            "Prouvez la connexion en l'utilisant : `companion verify`.",
            "Un mauvais jeton ou une autorisation manquante se voient ainsi avant qu'un programme ne les rencontre.",
        ),
    },
)

LANGUAGES = {language.code: language for language in (ENGLISH, SPANISH, FRENCH)}
