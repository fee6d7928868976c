import pytest

from cooperation.models.partners import official_code


@pytest.mark.parametrize(
    ("scheme", "typed", "code"),
    [
        ("FR-COG", "45234", "45234"),
        ("AUTRE", "nis 31 022", "NIS 31022"),
        ("AUTRE", "AGS 10041", "AGS 10041"),
        ("FR-COG", "1053", "01053"),
        ("FR-COG", "2a004", "2A004"),
        ("FR-COG", "97105", "97105"),
        ("FR-COG", "dep 2A", "DEP-2A"),
        ("FR-COG", "Département 974", "DEP-974"),
        ("FR-COG", "région 01", "REG-01"),
        ("FR-COG", "R84", "REG-84"),
        ("FR-SIREN", "214 502 346", "214502346"),
        ("BJ-IFU", "32 01", "3201"),
        ("IATI", "FR-3", "FR-3"),
    ],
)
def test_codes_are_written_as_their_lists_do(scheme, typed, code):
    assert official_code(scheme, typed) == code
    assert official_code(scheme, code) == code


@pytest.mark.parametrize(
    ("scheme", "typed"),
    [
        ("FR-COG", "01"),
        ("AUTRE", "31022"),
        ("AUTRE", "NIS"),
        ("AUTRE", ""),
        ("FR-COG", "2A"),
        ("FR-COG", "974"),
        ("FR-COG", "Ain"),
        ("FR-COG", "123456"),
        ("FR-COG", ""),
        ("FR-SIREN", "214502347"),
        ("FR-SIREN", "21450234a"),
        ("FR-SIREN", "١٢٣٤٥٦٧٨٩"),
    ],
)
def test_what_is_no_code_is_refused(scheme, typed):
    with pytest.raises(ValueError, match="«"):
        official_code(scheme, typed)
