<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_GB">
<context>
    <name>Findings</name>
    <message numerus="yes">
        <source>Show %n note(s) about this disc</source>
        <translation>
            <numerusform>Show %n note about this disc</numerusform>
            <numerusform>Show %n notes about this disc</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Report</name>
    <message numerus="yes">
        <source>and %n more; the saved receipt names all of them</source>
        <translation>
            <numerusform>and %n more; the saved receipt names all of them</numerusform>
            <numerusform>and %n more; the saved receipt names all of them</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Review</name>
    <message numerus="yes">
        <source>and %n more series</source>
        <translation>
            <numerusform>and %n more series</numerusform>
            <numerusform>and %n more series</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>⚠  %n warning(s) about this disc, further down</source>
        <translation>
            <numerusform>⚠  %n warning about this disc, further down</numerusform>
            <numerusform>⚠  %n warnings about this disc, further down</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>⚠  There are images of %n different people. Whose may be sent?</source>
        <translation>
            <numerusform>⚠  There are images of %n person. May they be sent?</numerusform>
            <numerusform>⚠  There are images of %n different people. Whose may be sent?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Start</name>
    <message numerus="yes">
        <source>%n examination(s)</source>
        <translation>
            <numerusform>%n examination</numerusform>
            <numerusform>%n examinations</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>from %n discs or folders: </source>
        <translation>
            <numerusform>from %n disc or folder: </numerusform>
            <numerusform>from %n discs or folders: </numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message numerus="yes">
        <source>About %n minute(s) left</source>
        <translation>
            <numerusform>About %n minute left</numerusform>
            <numerusform>About %n minutes left</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About %n hour(s) left</source>
        <translation>
            <numerusform>About %n hour left</numerusform>
            <numerusform>About %n hours left</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n image(s)</source>
        <translation>
            <numerusform>%n image</numerusform>
            <numerusform>%n images</numerusform>
        </translation>
    </message>
</context>
</TS>
