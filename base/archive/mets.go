package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"strconv"
)

// Identity is a UUID (version 8, RFC 9562: of our own making) computed from
// the names, so that the same names always give the same one. O(names).
func Identity(names ...string) string {
	h := sha256.New()
	for _, n := range names {
		_, _ = fmt.Fprintf(h, "%d:%s", len(n), n)
	}
	b := h.Sum(nil)[:16]
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	s := hex.EncodeToString(b)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// METS 1.12 with the attributes of CSIP 2.1.

type metsDoc struct {
	XMLName xml.Name    `xml:"mets"`
	Space   string      `xml:"xmlns,attr"`
	CSIP    string      `xml:"xmlns:csip,attr"`
	XLink   string      `xml:"xmlns:xlink,attr"`
	ObjID   string      `xml:"OBJID,attr"`
	Label   string      `xml:"LABEL,attr"`
	Type    string      `xml:"TYPE,attr"`
	Other   string      `xml:"csip:CONTENTINFORMATIONTYPE,attr"`
	Profile string      `xml:"PROFILE,attr"`
	Header  metsHeader  `xml:"metsHdr"`
	DMD     metsDMD     `xml:"dmdSec"`
	AMD     metsAMD     `xml:"amdSec"`
	Files   *metsGroups `xml:"fileSec"`
	Map     metsMap     `xml:"structMap"`
}

type metsHeader struct {
	Created string      `xml:"CREATEDATE,attr"`
	Status  string      `xml:"RECORDSTATUS,attr"`
	Package string      `xml:"csip:OAISPACKAGETYPE,attr"`
	Agents  []metsAgent `xml:"agent"`
}

type metsAgent struct {
	Role  string    `xml:"ROLE,attr"`
	Type  string    `xml:"TYPE,attr"`
	Other string    `xml:"OTHERTYPE,attr,omitempty"`
	Name  string    `xml:"name"`
	Note  *metsNote `xml:"note"`
}

type metsNote struct {
	Type string `xml:"csip:NOTETYPE,attr"`
	Text string `xml:",chardata"`
}

type metsDMD struct {
	ID      string  `xml:"ID,attr"`
	Created string  `xml:"CREATED,attr"`
	Status  string  `xml:"STATUS,attr"`
	Ref     metsRef `xml:"mdRef"`
}

type metsAMD struct {
	Digiprov metsDigiprov `xml:"digiprovMD"`
}

type metsDigiprov struct {
	ID     string  `xml:"ID,attr"`
	Status string  `xml:"STATUS,attr"`
	Ref    metsRef `xml:"mdRef"`
}

type metsRef struct {
	ID       string `xml:"ID,attr"`
	LocType  string `xml:"LOCTYPE,attr"`
	LinkType string `xml:"xlink:type,attr"`
	Href     string `xml:"xlink:href,attr"`
	Kind     string `xml:"MDTYPE,attr"`
	Other    string `xml:"OTHERMDTYPE,attr,omitempty"`
	Mime     string `xml:"MIMETYPE,attr"`
	Size     int64  `xml:"SIZE,attr"`
	Created  string `xml:"CREATED,attr"`
	Sum      string `xml:"CHECKSUM,attr"`
	SumType  string `xml:"CHECKSUMTYPE,attr"`
}

type metsGroups struct {
	ID    string    `xml:"ID,attr"`
	Group metsGroup `xml:"fileGrp"`
}

type metsGroup struct {
	ID    string     `xml:"ID,attr"`
	Use   string     `xml:"USE,attr"`
	Files []metsFile `xml:"file"`
}

type metsFile struct {
	ID      string  `xml:"ID,attr"`
	Mime    string  `xml:"MIMETYPE,attr"`
	Size    int64   `xml:"SIZE,attr"`
	Created string  `xml:"CREATED,attr"`
	Sum     string  `xml:"CHECKSUM,attr"`
	SumType string  `xml:"CHECKSUMTYPE,attr"`
	Loc     metsLoc `xml:"FLocat"`
}

type metsLoc struct {
	LocType  string `xml:"LOCTYPE,attr"`
	LinkType string `xml:"xlink:type,attr"`
	Href     string `xml:"xlink:href,attr"`
}

type metsMap struct {
	ID    string  `xml:"ID,attr"`
	Type  string  `xml:"TYPE,attr"`
	Label string  `xml:"LABEL,attr"`
	Div   metsDiv `xml:"div"`
}

type metsDiv struct {
	ID    string    `xml:"ID,attr"`
	Label string    `xml:"LABEL,attr"`
	DMD   string    `xml:"DMDID,attr,omitempty"`
	AMD   string    `xml:"ADMID,attr,omitempty"`
	Fptr  *metsFptr `xml:"fptr"`
	Divs  []metsDiv `xml:"div"`
}

type metsFptr struct {
	File string `xml:"FILEID,attr"`
}

const (
	metsSpace  = "http://www.loc.gov/METS/"
	xlinkSpace = "http://www.w3.org/1999/xlink"
	csipSpace  = "https://DILCIS.eu/XML/METS/CSIPExtensionMETS"
	sumType    = "SHA-256"
)

func ref(id, href, kind, other, created string, content []byte) metsRef {
	sum := sha256.Sum256(content)
	return metsRef{id, "URL", "simple", href, kind, other, "text/xml", int64(len(content)), created, hex.EncodeToString(sum[:]), sumType}
}

// mets lists everything that the package holds beside itself.
func (p Package) mets(erms, premis []byte) metsDoc {
	at, name := stamp(p.Created), "uuid-"+p.Matter.Identity
	x := metsDoc{Space: metsSpace, CSIP: csipSpace, XLink: xlinkSpace, ObjID: name, Label: p.Matter.Title, Type: "Mixed", Other: "citserms_v2_1", Profile: "https://earksip.dilcis.eu/profile/E-ARK-SIP.xml",
		Header: metsHeader{at, "NEW", "SIP", []metsAgent{
			{"CREATOR", "OTHER", "SOFTWARE", software, &metsNote{"SOFTWARE VERSION", "1"}},
			{"ARCHIVIST", "ORGANIZATION", "", p.Creator, nil},
		}},
		DMD: metsDMD{"dmd-erms", at, "CURRENT", ref("ref-erms", ermsPath, "OTHER", "ERMS", at, erms)},
		AMD: metsAMD{metsDigiprov{"amd-premis", "CURRENT", ref("ref-premis", premisPath, "PREMIS", "", at, premis)}},
		Map: metsMap{"map-csip", "PHYSICAL", "CSIP", metsDiv{ID: "div-root", Label: name, Divs: []metsDiv{{ID: "div-metadata", Label: "Metadata", DMD: "dmd-erms", AMD: "amd-premis"}}}},
	}
	var files []metsFile
	for i, e := range p.Matter.Entries {
		for n, d := range e.Documents {
			files = append(files, metsFile{fmt.Sprintf("file-%05d-%03d", i+1, n+1), d.Type, d.Size, stamp(d.Added), d.Hash, sumType, metsLoc{"URL", "simple", documentPath(i, n, d)}})
		}
	}
	if len(files) > 0 {
		x.Files = &metsGroups{"files", metsGroup{"group-rep1", "Representations/rep1", files}}
		x.Map.Div.Divs = append(x.Map.Div.Divs, metsDiv{ID: "div-rep1", Label: "Representations/rep1", Fptr: &metsFptr{"group-rep1"}})
	}
	return x
}

// PREMIS 3.0.

type premisDoc struct {
	XMLName xml.Name       `xml:"premis"`
	Space   string         `xml:"xmlns,attr"`
	XSI     string         `xml:"xmlns:xsi,attr"`
	Version string         `xml:"version,attr"`
	Objects []premisObject `xml:"object"`
	Events  []premisEvent  `xml:"event"`
	Agents  []premisAgent  `xml:"agent"`
}

type premisObject struct {
	Kind       string          `xml:"xsi:type,attr"`
	IDType     string          `xml:"objectIdentifier>objectIdentifierType"`
	ID         string          `xml:"objectIdentifier>objectIdentifierValue"`
	Properties *premisProperty `xml:"significantProperties"`
	Is         *premisIs       `xml:"objectCharacteristics"`
	Name       string          `xml:"originalName,omitempty"`
}

type premisProperty struct {
	Type  string `xml:"significantPropertiesType"`
	Value string `xml:"significantPropertiesValue"`
}

type premisIs struct {
	Algorithm string `xml:"fixity>messageDigestAlgorithm"`
	Digest    string `xml:"fixity>messageDigest"`
	Size      int64  `xml:"size"`
	Format    string `xml:"format>formatDesignation>formatName"`
}

type premisEvent struct {
	IDType    string `xml:"eventIdentifier>eventIdentifierType"`
	ID        string `xml:"eventIdentifier>eventIdentifierValue"`
	Type      string `xml:"eventType"`
	At        string `xml:"eventDateTime"`
	Detail    string `xml:"eventDetailInformation>eventDetail"`
	AgentType string `xml:"linkingAgentIdentifier>linkingAgentIdentifierType"`
	Agent     string `xml:"linkingAgentIdentifier>linkingAgentIdentifierValue"`
}

type premisAgent struct {
	IDType string `xml:"agentIdentifier>agentIdentifierType"`
	ID     string `xml:"agentIdentifier>agentIdentifierValue"`
	Name   string `xml:"agentName"`
	Type   string `xml:"agentType"`
}

const premisSpace = "http://www.loc.gov/premis/v3"

func (p Package) premis() premisDoc {
	x := premisDoc{Space: premisSpace, XSI: "http://www.w3.org/2001/XMLSchema-instance", Version: "3.0",
		Objects: []premisObject{{Kind: "intellectualEntity", IDType: "UUID", ID: p.Matter.Identity}},
		Events: []premisEvent{{"UUID", Identity("export", p.Matter.Identity, stamp(p.Created)), "packing", stamp(p.Created),
			"Ärendet exporterades som arkivpaket", "local", software}},
		Agents: []premisAgent{{"local", software, software, "software"}},
	}
	for i, e := range p.Matter.Entries {
		for n, d := range e.Documents {
			x.Objects = append(x.Objects, premisObject{Kind: "file", IDType: "path", ID: documentPath(i, n, d), Properties: &premisProperty{"version", strconv.Itoa(d.Version)},
				Is: &premisIs{sumType, d.Hash, d.Size, d.Type}, Name: d.Name})
		}
	}
	return x
}

// document is an XML value with its declaration.
func document(v any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", " ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}
