"""GDAL and OWSLib read the registers of the demo city over OGC API - Features, completely and rightly."""

import json
import os
import subprocess

import pytest
import requests
from owslib.ogcapi.features import Features

from session import BASE, SCRATCH, get, log_in

WHO = ["nobody", "operator"]
SYSTEMS = {
    "http://www.opengis.net/def/crs/OGC/1.3/CRS84": ("EPSG:4326", False),
    "http://www.opengis.net/def/crs/EPSG/0/4490": ("EPSG:4490", True),
    "http://www.opengis.net/def/crs/EPSG/0/3857": ("EPSG:3857", False),
}


@pytest.fixture(scope="module")
def cookies():
    return {"nobody": None, "operator": log_in("operator")}


def collections(cookie):
    return [one["id"] for one in get("/ogc/collections", cookie)["collections"]]


def count(collection, cookie):
    """What the platform's own list of records says."""
    return get(f"/api/v1/registers/{collection}/records?limit=1&total=true", cookie)["total"]


def gdal(program, *arguments, cookie=None):
    environment = os.environ | ({"GDAL_HTTP_COOKIE": cookie} if cookie else {})
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode == 0, f"{program} {arguments}: {done.stderr}"
    return done.stdout


def filled(cookie):
    """Collections with something in them, the largest first."""
    counts = {one: count(one, cookie) for one in collections(cookie)}
    return sorted((one for one in counts if counts[one]), key=lambda one: -counts[one])


def test_everybody_sees_collections_and_operators_more(cookies):
    public, staff = set(collections(None)), set(collections(cookies["operator"]))
    assert public < staff, "an operator sees what the public sees, and more"
    registers = get("/api/v1/registers", cookies["operator"])["registers"]
    assert staff == {one["id"] for one in registers if one["has_geometry"]}


@pytest.mark.parametrize("who", WHO)
def test_ogrinfo_reads_every_collection_completely(who, cookies):
    cookie = cookies[who]
    for collection in collections(cookie):
        said = gdal("ogrinfo", "-ro", "-al", f"OAPIF:{BASE}/ogc/collections/{collection}",
                    "-oo", "PAGE_SIZE=7", cookie=cookie)
        read = sum(line.startswith("OGRFeature(") for line in said.splitlines())
        assert read == count(collection, cookie), collection
        assert "SRS" in said


def test_a_token_opens_what_the_log_in_opens(cookies):
    cookie = cookies["operator"]
    made = requests.post(f"{BASE}/api/v1/tokens", json={"name": "GIS", "scope": "read"}, timeout=30,
                         headers={"Cookie": cookie, "X-Sanggan": "1"})
    assert made.status_code in (200, 201), made.text
    secret = made.json()["secret"]
    bearer = requests.get(f"{BASE}/ogc/collections", headers={"Authorization": f"Bearer {secret}"}, timeout=60)
    basic = requests.get(f"{BASE}/ogc/collections", auth=("operator", secret), timeout=60)
    for answer in (bearer, basic):
        assert sorted(one["id"] for one in answer.json()["collections"]) == sorted(collections(cookie))
    said = subprocess.run(["ogrinfo", "-ro", f"OAPIF:{BASE}/ogc"], capture_output=True, text=True, timeout=120,
                          env=os.environ | {"GDAL_HTTP_AUTH": "BASIC", "GDAL_HTTP_USERPWD": f"operator:{secret}"})
    assert all(collection in said.stdout for collection in collections(cookie))
    wrong = requests.get(f"{BASE}/ogc/collections", headers={"Authorization": "Bearer sgt_wrong"}, timeout=30)
    assert wrong.status_code == 401


def test_ogr2ogr_makes_a_geopackage(cookies):
    cookie = cookies["operator"]
    collection = filled(cookie)[0]
    path = os.path.join(SCRATCH, "clients.gpkg")
    gdal("ogr2ogr", "-f", "GPKG", path, f"OAPIF:{BASE}/ogc", collection, "-nln", "kept", cookie=cookie)
    said = gdal("ogrinfo", "-so", path, "kept")
    assert f"Feature Count: {count(collection, cookie)}" in said, said


@pytest.mark.parametrize("who", WHO)
def test_owslib_walks_collections_and_pages(who, cookies):
    cookie = cookies[who]
    client = Features(f"{BASE}/ogc", headers={"Cookie": cookie} if cookie else None)
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in client.conformance()["conformsTo"]
    assert sorted(client.feature_collections()) == sorted(collections(cookie))
    assert client.api()["openapi"].startswith("3.0")
    for collection in collections(cookie):
        described = client.collection(collection)
        assert described["id"] == collection and described["extent"]["spatial"]["bbox"]
        assert client.collection_queryables(collection)["type"] == "object"
        page = client.collection_items(collection, limit=3)
        assert page["numberMatched"] == count(collection, cookie)
        assert page["numberReturned"] == len(page["features"]) <= 3
        for feature in page["features"][:1]:
            alone = client.collection_item(collection, str(feature["id"]))
            assert alone["geometry"] == feature["geometry"] and alone["properties"] == feature["properties"]


def test_pages_hold_every_feature_once(cookies):
    cookie = cookies["operator"]
    collection = filled(cookie)[0]
    seen, url = [], f"{BASE}/ogc/collections/{collection}/items?limit=5"
    while url:
        page = get(url, cookie)
        seen += [feature["id"] for feature in page["features"]]
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert len(seen) == len(set(seen)) == count(collection, cookie)


def test_coordinates_in_every_system_are_gdals(cookies):
    cookie = cookies["operator"]
    collection = next(one for one in filled(cookie) if any(
        feature["geometry"] and feature["geometry"]["type"] == "Point"
        for feature in get(f"/ogc/collections/{one}/items", cookie)["features"]))
    for uri, (name, north_first) in SYSTEMS.items():
        answer = requests.get(f"{BASE}/ogc/collections/{collection}/items", params={"crs": uri},
                              headers={"Cookie": cookie}, timeout=30)
        assert answer.headers["Content-Crs"] == f"<{uri}>"
        theirs = get(f"/ogc/collections/{collection}/items", cookie)["features"]
        for ours, kept in zip(answer.json()["features"], theirs):
            if not kept["geometry"] or kept["geometry"]["type"] != "Point":
                continue
            x, y = kept["geometry"]["coordinates"]
            done = subprocess.run(["gdaltransform", "-s_srs", "EPSG:4326", "-t_srs", name, "-output_xy"],
                                  input=f"{x} {y}\n", capture_output=True, text=True, check=True)
            expected = [float(number) for number in done.stdout.split()]
            met = ours["geometry"]["coordinates"]
            met = met[::-1] if north_first else met
            assert met == pytest.approx(expected, abs=0.01 if name == "EPSG:3857" else 1e-6)


def test_rectangles_filters_and_times(cookies):
    cookie = cookies["operator"]
    everywhere = "/ogc/collections/{}/items?bbox=-180,-90,180,90"
    nowhere = "/ogc/collections/{}/items?bbox=0,0,1,1"
    for collection in filled(cookie)[:10]:
        placed = sum(1 for feature in every(collection, cookie) if feature["geometry"])
        assert get(everywhere.format(collection), cookie)["numberMatched"] == placed
        assert get(nowhere.format(collection), cookie)["numberMatched"] == 0
        # The same rectangle in the order of the axes of EPSG:4490.
        path = f"/ogc/collections/{collection}/items?bbox=39,112,40,113"
        north = get(path + "&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4490", cookie)["numberMatched"]
        assert north == get(f"/ogc/collections/{collection}/items?bbox=112,39,113,40", cookie)["numberMatched"]
        first = get(f"/ogc/collections/{collection}/items?limit=1", cookie)["features"][0]
        changed = first["properties"]["changed_at"]
        answer = requests.get(f"{BASE}/ogc/collections/{collection}/items", headers={"Cookie": cookie}, timeout=30,
                              params={"datetime": f"{changed}/..", "limit": 1})
        assert answer.json()["numberMatched"] >= 1
        past = get(f"/ogc/collections/{collection}/items?datetime=../2001-01-01T00:00:00Z", cookie)
        assert past["numberMatched"] == 0
        key = get(f"/api/v1/registers/{collection}", cookie)["key"]
        answer = requests.get(f"{BASE}/ogc/collections/{collection}/items", headers={"Cookie": cookie}, timeout=30,
                              params={key: first["properties"][key]})
        assert [feature["id"] for feature in answer.json()["features"]] == [first["id"]]


def every(collection, cookie):
    features, url = [], f"{BASE}/ogc/collections/{collection}/items?limit=1000"
    while url:
        page = get(url, cookie)
        features += page["features"]
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    return features


def test_what_cannot_be_asked_says_why(cookies):
    collection = collections(None)[0]
    rows = ["limit=0", "bbox=1,2,3", "crs=EPSG:4525", "datetime=yesterday", "nonsense=1", "f=xml", "limit=1&limit=2"]
    for query in rows:
        answer = requests.get(f"{BASE}/ogc/collections/{collection}/items?{query}", timeout=30)
        assert answer.status_code == 400, query
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        assert answer.json()["detail"]
    assert requests.get(f"{BASE}/ogc/collections/no-such", timeout=30).status_code == 404
    hidden = set(collections(cookies["operator"])) - set(collections(None))
    for collection in sorted(hidden)[:3]:
        assert requests.get(f"{BASE}/ogc/collections/{collection}/items", timeout=30).status_code in (401, 404)


def test_pages_for_people(cookies):
    for path in ["", "/conformance", "/api", "/collections", f"/collections/{collections(None)[0]}",
                 f"/collections/{collections(None)[0]}/items", f"/collections/{collections(None)[0]}/queryables"]:
        answer = requests.get(f"{BASE}/ogc{path}", headers={"Accept": "text/html"}, timeout=30)
        assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"), path
        assert answer.text.startswith("<!doctype html>")


def test_tiles_are_read_by_gdal(cookies):
    cookie = cookies["operator"]
    collection = filled(cookie)[0]
    sheet = get(f"/api/v1/tiles/{collection}", cookie)
    assert sheet["tilejson"] == "3.0.0" and sheet["vector_layers"][0]["id"] == collection
    # Zoom 8: the whole city is in four tiles at most.
    met = 0
    for x in (207, 208):
        for y in (96, 97):
            url = sheet["tiles"][0].format(z=8, x=x, y=y)
            answer = requests.get(url, headers={"Cookie": cookie}, timeout=30)
            assert answer.status_code in (200, 204), answer.text
            if answer.status_code == 200:
                path = os.path.join(SCRATCH, f"{y}.mvt")
                with open(path, "wb") as file:
                    file.write(answer.content)
                said = gdal("ogrinfo", "-ro", "-al", path)
                met += said.count("OGRFeature(")
    assert met > 0


def test_the_openapi_document_is_openapi(cookies):
    document = get("/ogc/api?f=json", cookies["operator"])
    assert json.dumps(document)
    for collection in collections(cookies["operator"]):
        parameters = document["paths"][f"/collections/{collection}/items"]["get"]["parameters"]
        assert {"limit", "bbox", "bbox-crs", "crs", "datetime"} <= {one["name"] for one in parameters}
