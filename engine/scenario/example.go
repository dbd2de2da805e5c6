package scenario

// Example is a .scenario file that can be run as it stands: three neighbours in
// Västmanland, as one municipality, in two cooperations, and with a task that
// the region takes over.
const Example = `# Ett strukturscenario för Kommunpilot. Rader som börjar med # är förklaringar.
# Kontrollera filen:  kommunpilot scenario check FIL.scenario
# Kör den:            kommunpilot scenario run FIL.scenario --draws 1000 --seed 1 --out MAPP
format = 1

titel = "Köping, Arboga och Kungsör"
fråga = "Vad skulle en sammanläggning, en samverkan eller en överflyttad uppgift göra med folkmängd, ekonomi och demokrati?"
beställare = "Exempel: statlig utredning"
basår = 2019      # året som underlaget gäller
år = 25           # så många år framåt
visat_år = 2036   # året som resultatet visas för först

# Antaganden som ändras från förvalet. Alla antaganden, med värde och belägg:
#   kommunpilot scenario assumptions
[antaganden]
# aterinvestering = 0.8                              # del av en besparing som används till annat
# effekt.administration = { värde = -0.05, spridning = 0.05 }
# barnafodande = 1.6                                 # barn per kvinna på sikt
# invandring = 0.5                                   # 1 är de senaste fem åren före basåret

[[scenario]]
id = "en-kommun"
namn = "En kommun"

  [[scenario.steg]]
  typ = "sammanläggning"
  kommuner = ["Köping", "Arboga", "Kungsör"]
  från = 2027
  skattesats = "nödvändig"     # eller "lägsta" eller "vägd"

[[scenario]]
id = "raddning-och-kultur"
namn = "Gemensam räddningstjänst och kultur"

  [[scenario.steg]]
  typ = "samverkan"
  kommuner = ["Köping", "Arboga", "Kungsör"]
  från = 2024
  områden = ["raddningstjanst", "kultur"]
  form = "kommunalförbund"     # eller "gemensam nämnd" eller "avtalssamverkan"
  nyckel = "invånare"          # eller "behov", "användning", "fast och rörlig"

[[scenario]]
id = "gemensam-administration"
namn = "Gemensam administration"

  [[scenario.steg]]
  typ = "samverkan"
  kommuner = ["Köping", "Arboga", "Kungsör"]
  från = 2024
  områden = ["administration"]
  form = "gemensam nämnd"
  värd = "Köping"
  nyckel = "användning"

[[scenario]]
id = "gymnasium-till-regionen"
namn = "Regionen ansvarar för gymnasieskolan"

  [[scenario.steg]]
  typ = "asymmetrisk"
  kommuner = ["Köping", "Arboga", "Kungsör"]
  från = 2027
  områden = ["gymnasium"]
  utförare = "region"
  betalning = "ansvar"         # med skatteväxling; eller "avtal"
`
