"""Write a cell model as the NeuroML2 biophysics file which the published examples have beside their morphologies."""

from pathlib import Path
from xml.etree import ElementTree as xml

IONS = {
    "Im": "k",
    "Im_v2": "k",
    "K_P": "k",
    "K_T": "k",
    "Kd": "k",
    "Kv2like": "k",
    "Kv3_1": "k",
    "SK": "k",
    "NaTs": "na",
    "NaTa": "na",
    "NaV": "na",
    "Nap": "na",
    "Ih": "hcn",
    "Ca_HVA": "ca",
    "Ca_LVA": "ca",
}


def write(path: Path, fit: dict) -> None:
    """Write the densities, passive properties and reversal potentials of a perisomatic ``fit`` to ``path``."""
    root = xml.Element("neuroml", xmlns="http://www.neuroml.org/schema/neuroml2", id=path.stem)
    dynamics = {g["name"].split("_")[0]: g["value"] for g in fit["genome"] if g["mechanism"] == "CaDynamics"}
    xml.SubElement(
        root,
        "concentrationModel",
        id="CaDynamics",
        type="CaDynamics",
        segmentGroup="soma",
        ion="ca",
        minCai="1e-4 mM",
        depth="0.1 um",
        decay=f"{dynamics['decay']} ms",
        gamma=f"{dynamics['gamma']}",
    )
    biophysics = xml.SubElement(xml.SubElement(root, "cell", id=path.stem), "biophysicalProperties", id="biophys")
    membrane = xml.SubElement(biophysics, "membraneProperties")
    passive, reversal = fit["passive"][0], fit["conditions"][0]["erev"][0]
    for gene in fit["genome"]:
        mechanism, section, density = gene["mechanism"], gene["section"], f"{gene['value']} S_per_cm2"
        if mechanism == "CaDynamics":
            continue
        common = {"segmentGroup": section, "condDensity": density}
        if mechanism == "":
            xml.SubElement(
                membrane,
                "channelDensity",
                id=f"g_pas_{section}",
                ion="non_specific",
                ionChannel="pas",
                erev=f"{passive['e_pas']} mV",
                **common,
            )
        elif IONS[mechanism] == "ca":
            xml.SubElement(membrane, "channelDensityNernst", id=gene["name"], ion="ca", ionChannel=mechanism, **common)
        else:
            erev = {"na": reversal["ena"], "k": reversal["ek"]}.get(IONS[mechanism], -45)
            xml.SubElement(
                membrane,
                "channelDensity",
                id=gene["name"],
                ion=IONS[mechanism],
                ionChannel=mechanism,
                erev=f"{erev} mV",
                **common,
            )
    for entry in passive["cm"]:
        xml.SubElement(
            membrane, "specificCapacitance", segmentGroup=entry["section"], value=f"{entry['cm']} uF_per_cm2"
        )
    intracellular = xml.SubElement(biophysics, "intracellularProperties")
    xml.SubElement(intracellular, "resistivity", segmentGroup="all", value=f"{passive['ra']} ohm_cm")
    xml.ElementTree(root).write(path)
